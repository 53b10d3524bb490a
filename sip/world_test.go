package sip

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"runtime"
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

func TestMain(m *testing.M) {
	edge.Prepare(zap.NewNop())
	os.Exit(m.Run())
}

// world is a daemon's SIP side between two phones, on a network in memory.
type world struct {
	t         *testing.T
	cast      cast
	network   *siptest.Network
	rider     *siptest.Phone
	customer  *siptest.Phone
	lines     []*siptest.Phone // the customer's, if it has several
	second    *siptest.Phone   // where the second gateway is, if there is one
	b2bua     *B2BUA
	west      edge.Trunk // as configured: the rider's
	east      edge.Trunk // the customer's
	directory *directory
	journal   *journal
	engine    *media.Engine
	air       *siptest.Network // of what is said; nil: nobody says a word
	speakers  [2]*speaker      // A and B, once they speak
	consent   []change         // when the call came to be one that may be recorded, or that may not
	meter     *meter
	studio    *studio // nil: nothing is recorded
	arbiter   *arbiter
}

// inWorld runs a script in fake time, and then checks what must hold of every
// script: nothing is left over, and nothing leaked.
func inWorld(t *testing.T, c cast, script func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, c)
		script(w)
		w.settle()
		w.checkLeftovers()
		w.close()
		for _, leak := range w.leaks() {
			t.Errorf("leak: %s", leak)
		}
	})
}

func newWorld(t *testing.T, c cast) *world {
	w := &world{t: t, cast: c, journal: &journal{}, meter: &meter{}, arbiter: &arbiter{}, directory: newDirectory(c)}
	delays := map[netip.Addr]time.Duration{
		c.rider.host():    7 * time.Millisecond,
		c.customer.host(): 13 * time.Millisecond,
		c.second.host():   17 * time.Millisecond,
	}
	for i, l := range c.lines {
		delays[l.host()] = time.Duration(19+4*i) * time.Millisecond
	}
	w.network = siptest.NewNetwork(delays)
	chance := newChance()
	w.engine = w.sound(media.Config{
		Listen: []netip.Addr{maskdHost, netip.MustParseAddrPort(maskdSix).Addr()},
		Ports:  media.PortRange{First: 20000, Last: 20999}, Random: chance}, delays)
	west, east := trunk("west", c.rider), trunk("east", c.customer, c.second)
	if c.doubted {
		west.Assurance = edge.Assurance{Minimum: 1, PIN: true}
	}
	east.Account, east.Failover, east.Limits = c.account, c.failover, c.limits
	w.west, w.east = west, east
	w.b2bua = New(Config{
		Listen: []edge.Listen{
			{Network: edge.UDP, Addr: netip.MustParseAddrPort(maskdAddr)}, {Network: edge.UDP, Addr: netip.MustParseAddrPort(maskdSix)}},
		Trunks:    []edge.Trunk{west, east},
		Early:     map[string]EarlyMedia{"east": c.policy},
		Sound:     map[string]media.LegOptions{"east": c.sound, "west": c.riders},
		Meter:     w.meter,
		Record:    w.recordings(),
		Speech:    c.speech,
		Locales:   map[string]mapping.Locale{"": c.pool, "default": c.pool},
		Arbiter:   w.arbiter,
		Wishes:    c.wishes,
		WantKeys:  WantKeys{Quiet: 8, Block: 9},
		Announce:  map[string]Announcements{"": c.announce, "default": c.announce},
		Advertise: c.advertise,
		Sockets:   newCarrier(w.network, c),
		Random:    chance,
	}, w.directory, w.journal, w.engine, zap.NewNop())
	w.must(w.b2bua.Start())
	w.rider, w.customer = w.phone(c.rider), w.phone(c.customer)
	for _, l := range c.lines {
		w.lines = append(w.lines, w.phone(l))
	}
	if c.second.addr != "" {
		w.second = w.phone(c.second)
	}
	return w
}

// sound moves what the cast says, if it says anything.
func (w *world) sound(cfg media.Config, delays map[netip.Addr]time.Duration) *media.Engine {
	w.t.Helper()
	if !w.cast.aloud {
		return media.NewMute(cfg)
	}
	w.air = siptest.NewNetwork(delays)
	engine, err := media.NewOn(w.air, cfg)
	w.must(err)
	return engine
}

// trunk is one whose gateways are the phones themselves.
func trunk(name string, parts ...part) edge.Trunk {
	t := edge.Trunk{Name: name, Caller: edge.CallerPAIOrFrom, Format: dialplan.E164()}
	for _, p := range parts {
		if p.addr == "" {
			continue
		}
		t.Accept = append(t.Accept, netip.PrefixFrom(p.host(), p.host().BitLen()))
		t.Gateways = append(t.Gateways, edge.Gateway{Network: edge.UDP, Host: p.host().String(), Port: 5060})
	}
	return t
}

func (w *world) phone(p part) *siptest.Phone {
	w.t.Helper()
	phone, err := siptest.NewPhone(w.network, p.id, p.addr, maskdFor(p).String())
	w.must(err)
	return phone
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// await waits until the phone gets the message.
func (w *world) await(p *siptest.Phone, name string) siptest.Message {
	w.t.Helper()
	m, err := p.Await(name)
	w.must(err)
	return m
}

// complete completes the interaction as the daemon does, and says how many
// calls that ended.
func (w *world) complete(calls int) {
	w.t.Helper()
	w.directory.complete()
	if n := w.b2bua.End(interaction); n != calls {
		w.t.Errorf("complete ended %d calls, not %d", n, calls)
	}
}

// settle waits until every timer of SIP has run out.
func (w *world) settle() { time.Sleep(3 * time.Minute) }

func (w *world) checkLeftovers() {
	w.t.Helper()
	for _, left := range w.leftovers() {
		w.t.Error(left)
	}
}

// leftovers says what is left when nothing should be.
func (w *world) leftovers() (found []string) {
	for what, n := range map[string]int{
		"calls":                    len(w.b2bua.Calls()),
		"calls of the interaction": w.b2bua.LiveCalls(interaction),
		"legs":                     w.b2bua.edge.Legs(),
		"port pairs":               w.engine.Usage().Used,
		"client transactions":      transactions(),
	} {
		if n != 0 {
			found = append(found, fmt.Sprintf("%d %s are left", n, what))
		}
	}
	if cdrs := w.journal.final(); len(cdrs) != w.journal.admitted() {
		found = append(found, fmt.Sprintf("%d calls were admitted, %d have a final CDR", w.journal.admitted(), len(cdrs)))
	}
	return found
}

// transactions returns how many client transactions somebody waits for: each
// has a goroutine.
func transactions() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("edge.final("))
}

func (w *world) close() {
	w.b2bua.Close(context.Background())
	w.engine.Close()
	w.rider.Close()
	w.customer.Close()
	for _, l := range w.lines {
		l.Close()
	}
	if w.second != nil {
		w.second.Close()
	}
}

// leaks searches all that was sent to each side for all that is the other's.
func (w *world) leaks() []string {
	packets := w.packets()
	rider, customer := w.cast.rider.host(), w.cast.customer.host()
	ofRider := new(siptest.Canary).Identity(w.cast.rider.id, rider)
	if w.cast.redirect.IsZero() && !w.cast.open && w.cast.extension == "" { // else it is what the other sees
		ofRider = ofRider.Number(string(riderDID))
	}
	ofRider = ofRider.Exchange(packets, maskdHost, rider)
	ofCustomer := new(siptest.Canary).Identity(w.cast.customer.id, customer).Number(string(customerDID)).
		Exchange(packets, maskdHost, customer).Exchange(packets, maskdHost, w.cast.second.host())
	for _, l := range w.cast.lines {
		ofCustomer.Identity(l.id, l.host()).Exchange(packets, maskdHost, l.host())
	}
	leaks := ofCustomer.Leaks(packets, maskdHost, rider)
	for _, l := range w.cast.lines {
		leaks = append(leaks, ofRider.Leaks(packets, maskdHost, l.host())...)
	}
	leaks = append(leaks, ofRider.Leaks(packets, maskdHost, customer)...)
	return append(leaks, ofRider.Leaks(packets, maskdHost, w.cast.second.host())...)
}

// sentTo returns all that maskd sent to a host, in order.
func (w *world) sentTo(host netip.Addr) []siptest.Packet {
	var sent []siptest.Packet
	for _, p := range w.network.Packets() {
		if p.To.Addr() == host {
			sent = append(sent, p)
		}
	}
	return sent
}

// packets returns all that crossed the wire, as if maskd had one address.
func (w *world) packets() []siptest.Packet {
	packets, six := w.network.Packets(), netip.MustParseAddrPort(maskdSix).Addr()
	for i := range packets {
		for _, at := range []*netip.AddrPort{&packets[i].From, &packets[i].To} {
			if at.Addr() == six {
				*at = netip.AddrPortFrom(maskdHost, at.Port())
			}
		}
	}
	return packets
}

// ladder prints what crossed the wire.
func (w *world) ladder() string {
	columns := []siptest.Column{{Name: "rider", Host: w.cast.rider.host()}, {Name: "maskd", Host: maskdHost}}
	for _, l := range w.cast.lines {
		columns = append(columns, siptest.Column{Name: l.id.Number, Host: l.host()})
	}
	if len(w.cast.lines) == 0 {
		columns = append(columns, siptest.Column{Name: "customer", Host: w.cast.customer.host()})
	}
	if w.second != nil {
		columns = append(columns, siptest.Column{Name: "second gateway", Host: w.cast.second.host()})
	}
	return siptest.Ladder(w.packets(), columns...)
}

// interaction is the one that connects the cast.
var interaction = mapping.ID{1}
