package sip

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/digest"
	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// The cast. Every word is unlike every other, so that whatever is found where
// it does not belong says where it came from.
var (
	rider = part{addr: "10.11.12.13:5060", id: siptest.Identity{
		Number: "+919876543210", Name: "Asha Riderword", Agent: "RiderPhone/7.1", Host: "rider-host.invalid",
		Session: "riderbox", Origin: 2890844526, SSRC: 1357924680, Port: 41414, Seq: 314159, Codecs: "0 8 101",
		Extra: []siptest.Header{
			{Name: "P-Asserted-Identity", Value: "<sip:+919876543210@rider-carrier.invalid>"},
			{Name: "Identity", Value: "cmlkZXJoZWFkZXI.cmlkZXJjbGFpbXM.cmlkZXJzaWduZWQ;info=<https://rider-certificate.invalid/c.pem>;alg=ES256;ppt=shaken"},
			{Name: "Subject", Value: "rider-subject-line"}, {Name: "X-Trace", Value: "rider-trace-id"}}}}
	customer = part{addr: "10.77.78.79:5060", id: siptest.Identity{
		Number: "+447700900123", Name: "Beth Customerword", Agent: "CustomerPhone/9.2", Host: "customer-host.invalid",
		Session: "customerbox", Origin: 3724394400, SSRC: 2468013579, Port: 46464, Seq: 271828, Codecs: "8 0 101",
		Extra: []siptest.Header{
			{Name: "P-Asserted-Identity", Value: "<sip:+447700900123@customer-carrier.invalid>"},
			{Name: "Call-Info", Value: "<http://customer-photo.invalid/p.png>"}, {Name: "X-Cell", Value: "customer-cell-id"}}}}
	// second is the customer again, behind the trunk's second gateway.
	second = part{addr: "10.77.78.80:5060", id: customer.id}
)

const (
	riderDID    mapping.DID = "+15550100001" // what the rider dials and sees
	customerDID mapping.DID = "+15550100002" // what the customer dials and sees

	maskdAddr = "192.0.2.50:5060"
	maskdSix  = "[2001:db8::50]:5060" // where it is for phones of IPv6
)

var maskdHost = netip.MustParseAddrPort(maskdAddr).Addr()

// maskdFor is where maskd is for a phone: at an address of the same family.
func maskdFor(p part) netip.AddrPort {
	if p.host().Is6() {
		return netip.MustParseAddrPort(maskdSix)
	}
	return netip.MustParseAddrPort(maskdAddr)
}

// part is a phone and where it is; without an address it is not there.
type part struct {
	id   siptest.Identity
	addr string
}

func (p part) host() netip.Addr {
	at, _ := netip.ParseAddrPort(p.addr)
	return at.Addr()
}

func (p part) number() mapping.Number {
	number, _ := mapping.ParseNumber(p.id.Number)
	return number
}

// cast is who is in a world.
type cast struct {
	rider, customer, second part
	lines                   []part           // the customer's phones, if it has several
	hunt                    mapping.Hunt     // how they are rung
	advertise               string           // what maskd calls itself; its address if empty
	sound                   media.LegOptions // the same trunk's
	policy                  EarlyMedia       // of the customer's trunk
	limits                  edge.Limits      // of the customer's trunk
	account                 digest.Account   // ours at the customer's carrier
	failover                time.Duration    // of the customer's trunk
	doubted                 bool             // the rider's number is not believed, and he is asked for a PIN
	asked                   bool             // who calls his DID and is nobody's party is asked for a PIN
	redirect                mapping.Number   // where who calls his DID and is nobody's party is sent to
	pin                     string           // the rider's, if he has one
	record                  mapping.Recording
	aloud                   bool                             // what they say is heard
	speech                  Speech                           // what is said to whom in which locale
	locales                 mapping.Locales                  // of the rider, A, and the customer
	pool                    mapping.Locale                   // of the DIDs' pool
	riders                  media.LegOptions                 // the rider's trunk's
	bounds                  mapping.Limits                   // of the calls of the interaction
	quotas                  []mapping.Quota                  // what each of its calls counts to
	announce                Announcements                    // what is heard in place of a refusal
	hooked                  bool                             // the arbiter is asked about who calls his DID
	open                    bool                             // his DID is the customer's, whom anybody reaches by it
	wishes                  Wishes                           // what the parties want by key; nil: nothing
	said                    func(context.Context, Statement) // what they say of being recorded; nil: nobody hears it
	extension               string                           // the customer's on that DID, of which strangers know no more
}

// desk is another number of the customer's.
func (c cast) desk() mapping.Number {
	number, _ := mapping.ParseNumber("+447700900124")
	return number
}

// early is the cast where that is heard of the customer before the answer.
func (c cast) early(policy EarlyMedia) cast {
	c.policy = policy
	return c
}

var (
	usual       = cast{rider: rider, customer: customer}
	twoGateways = cast{rider: rider, customer: customer, second: second}
)

// chance is a source of randomness that is the same in each world.
type chance struct {
	mu     sync.Mutex
	stream *rand.ChaCha8
}

func newChance() *chance { return &chance{stream: rand.NewChaCha8([32]byte{'m', 'a', 's', 'k', 'd'})} }

func (c *chance) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stream.Read(b)
}
