package sip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/dialplan"
	"maskd/sip/edge"
	"maskd/sip/siptest"
)

const (
	crowdSize = 1000 // pairs of a rider and a customer
	lossRate  = 0.1
	jitter    = 50 * time.Millisecond
	// afterlife is when nothing of a call may be left: 64*T1 for the last
	// transaction, and some seconds for what its end makes us do.
	afterlife = 64*500*time.Millisecond + 5*time.Second
)

// TestCrowdOnABadNetwork lets a thousand pairs call at once on a network that
// loses every tenth packet and delays each by up to 50 ms, so that they overtake
// one another, and share two DIDs while they do. Every call must
// come to its end, nothing be left over, and nobody be sent anything of anyone
// else.
func TestCrowdOnABadNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		c.play()
		time.Sleep(afterlife)
		c.checkLeftovers()
		c.checkOutcomes()
		c.close()
		c.checkLeaks()
	})
}

// crowd is a daemon among many pairs of phones.
type crowd struct {
	t         *testing.T
	network   *siptest.Network
	journal   *journal
	engine    *media.Engine
	b2bua     *B2BUA
	riders    []*siptest.Phone
	customers []*siptest.Phone
}

// member is the phone of a side's i-th, about which every word and number has
// the index in it.
func member(side, numbers, net string, i int) part {
	word := fmt.Sprintf("%s%05d", side, i)
	return part{addr: fmt.Sprintf("%s.%d.%d:5060", net, i/200, i%200+1), id: siptest.Identity{
		Number: fmt.Sprintf("%s%05d", numbers, i), Name: word, Agent: word, Host: word + ".invalid", Session: word,
		Origin: 1, SSRC: 1, Port: 40000, Seq: 1, Codecs: "8 0 101"}}
}

func riderNo(i int) part    { return member("rider", "+9198765", "10.11", i) }
func customerNo(i int) part { return member("customer", "+4477001", "10.77", i) }

func newCrowd(t *testing.T) *crowd {
	c := &crowd{t: t, journal: &journal{}}
	directory := &directory{routes: make(map[key]mapping.Route), refusal: mapping.RefusalUnknown}
	trunks := []edge.Trunk{{Name: "west", Caller: edge.CallerFrom, Format: dialplan.E164(),
		Accept: []netip.Prefix{netip.MustParsePrefix("10.11.0.0/16")}}}
	delays := make(map[netip.Addr]time.Duration)
	for i := range crowdSize {
		east := trunk(fmt.Sprintf("east%d", i), customerNo(i))
		trunks = append(trunks, east)
		directory.routes[key{riderDID, riderNo(i).number()}] = mapping.Route{Interaction: mapping.ID{1, byte(i >> 8), byte(i)},
			Caller: mapping.SideA, Target: customerNo(i).number(), Show: customerDID, Trunk: east.Name}
		delays[riderNo(i).host()] = time.Duration(5+i%50) * time.Millisecond
		delays[customerNo(i).host()] = time.Duration(3+i%70) * time.Millisecond
	}
	c.network = siptest.NewNetwork(delays)
	dice := rand.New(rand.NewPCG(1, 2)) // the network rolls them one at a time
	c.network.Lose(func(siptest.Packet) bool { return dice.Float64() < lossRate })
	c.network.Delay(func(siptest.Packet) time.Duration { return time.Duration(dice.Int64N(int64(jitter))) })
	c.engine = media.NewMute(media.Config{Listen: []netip.Addr{maskdHost}, Ports: media.PortRange{First: 20000, Last: 29999}})
	c.b2bua = New(Config{Listen: []edge.Listen{{Network: edge.UDP, Addr: netip.MustParseAddrPort(maskdAddr)}},
		Trunks: trunks, Sockets: c.network}, directory, c.journal, c.engine, zap.NewNop())
	if err := c.b2bua.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range crowdSize {
		c.riders = append(c.riders, c.phone(riderNo(i)))
		c.customers = append(c.customers, c.phone(customerNo(i)))
	}
	return c
}

func (c *crowd) phone(p part) *siptest.Phone {
	phone, err := siptest.NewPhone(c.network, p.id, p.addr, maskdAddr)
	if err != nil {
		c.t.Fatal(err)
	}
	return phone
}

// play lets everyone do his part.
func (c *crowd) play() {
	var all sync.WaitGroup
	for i := range crowdSize {
		p := plots[i%len(plots)]
		all.Go(func() { c.act(i, "rider", p.rider, c.riders[i]) })
		if p.customer != nil {
			all.Go(func() { c.act(i, "customer", p.customer, c.customers[i]) })
		}
	}
	all.Wait()
}

func (c *crowd) act(i int, who string, script func(*siptest.Phone) error, p *siptest.Phone) {
	if err := script(p); err != nil {
		c.t.Errorf("pair %d, %s: %v", i, who, err)
	}
}

func (c *crowd) checkLeftovers() {
	calls, legs, ports := len(c.b2bua.Calls()), c.b2bua.edge.Legs(), c.engine.Usage().Used
	if calls+legs+ports != 0 {
		c.t.Errorf("left over: %d calls, %d legs, %d port pairs", calls, legs, ports)
	}
}

// checkOutcomes compares the CDRs with what was played.
func (c *crowd) checkOutcomes() {
	want, got := make(map[mapping.Outcome]int), make(map[mapping.Outcome]int)
	for i := range crowdSize {
		want[plots[i%len(plots)].want]++
	}
	for _, cdr := range c.journal.final() {
		got[cdr.Outcome]++
	}
	for outcome, n := range want {
		if got[outcome] != n {
			c.t.Errorf("%d calls are %s in the CDRs, not %d", got[outcome], outcome, n)
		}
	}
	if n := len(c.journal.final()); n != crowdSize {
		c.t.Errorf("%d final CDRs of %d calls", n, crowdSize)
	}
}

func (c *crowd) close() {
	c.b2bua.Close(context.Background())
	c.engine.Close()
	for i := range crowdSize {
		c.riders[i].Close()
		c.customers[i].Close()
	}
}

// someone matches every word, number and address of a member of the crowd.
var someone = regexp.MustCompile(`(?i)(rider|customer)\d{5}|9198765\d{5}|4477001\d{5}|10\.(11|77)\.\d+\.\d+`)

// checkLeaks looks for people in what everyone was sent: none may be there but
// himself.
func (c *crowd) checkLeaks() {
	own := make(map[netip.Addr]string)
	for i := range crowdSize {
		for _, p := range []part{riderNo(i), customerNo(i)} {
			own[p.host()] = strings.Join([]string{p.id.Name, p.id.Number, p.host().String()}, " ")
		}
	}
	for _, p := range c.network.Packets() {
		if p.From.Addr() != maskdHost {
			continue
		}
		for _, who := range someone.FindAllString(string(p.Data), -1) {
			if !strings.Contains(own[p.To.Addr()], strings.ToLower(who)) {
				c.t.Errorf("%s was sent %s in %s", p.To.Addr(), who, siptest.Parse(p.Data).Name())
			}
		}
	}
}
