package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"maskd/media/relay"
)

// dual is an engine that has an address of each family.
func dual(t *testing.T) *Engine {
	t.Helper()
	cfg := fixed()
	cfg.Listen, cfg.Advertise = addrs("10.0.0.5", "2001:db8::5"), addrs("203.0.113.5")
	must(t, cfg.Validate())
	engine := NewMute(cfg)
	t.Cleanup(engine.Close)
	return engine
}

// addressOf is what the c= line of a description of ours says.
func addressOf(t *testing.T, body []byte) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(body), "\r\nc=IN ")
	line, _, _ := strings.Cut(rest, "\r\n")
	if !ok || strings.Count(string(body), line) != 2 { // once in o=
		t.Errorf("no connection, or another origin, in\n%s", body)
	}
	return line
}

func TestALegIsOnTheAddressOfItsPeersFamily(t *testing.T) {
	const four, six = "IP4 203.0.113.5", "IP6 2001:db8::5"
	engine := dual(t)
	for _, c := range []struct {
		a, b         Family
		wantA, wantB string
	}{
		{IPv4, IPv4, four, four},
		{IPv4, IPv6, four, six},
		{IPv6, IPv4, six, four},
		{IPv6, IPv6, six, six},
		{0, 0, four, four},
	} {
		s, err := engine.Open(Options{FamilyA: c.a, FamilyB: c.b})
		must(t, err)
		if a, b := addressOf(t, s.Offer(A)), addressOf(t, s.Offer(B)); a != c.wantA || b != c.wantB {
			t.Errorf("%v and %v: %s and %s", c.a, c.b, a, b)
		}
		s.Close()
	}
}

// Where we have one address, a peer that is called by the other version may speak this one too.
func TestALegOfAFamilyThatWeHaveNotIsOnTheFirst(t *testing.T) {
	engine := NewMute(fixed())
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{FamilyA: IPv6, FamilyB: IPv6})
	must(t, err)
	must(t, s.Restart(B, IPv6))
	if at := addressOf(t, s.Offer(B)); at != "IP4 203.0.113.5" {
		t.Errorf("offered %s", at)
	}
}

// Nobody is called to hear that a leg can't be heard: what Check takes, a leg of the family that it says
// takes too.
func TestAnOfferSaysWhichFamilyALegIsOf(t *testing.T) {
	both, four := dual(t), NewMute(fixed())
	t.Cleanup(four.Close)
	for _, c := range []struct {
		name   string
		engine *Engine
		offer  []byte
		want   Family
		err    error
	}{
		{"IPv4", both, sdpOf("192.0.2.1", audio), IPv4, nil},
		{"IPv6", both, sdpOf("2001:db8::1", audio), IPv6, nil},
		{"IPv6 where we have none", four, sdpOf("2001:db8::1", audio), 0, ErrAddress},
		{"IPv4 in IPv6", both, sdpOf("::ffff:192.0.2.1", audio), IPv4, nil},
		{"hold of old", both, sdpOf("0.0.0.0", audio), 0, nil},
		{"hold of old by IPv6", both, sdpOf("::", audio), 0, nil},
		{"ours as advertised", both, sdpOf("203.0.113.5", audio), 0, ErrAddress},
		{"ours as bound", both, sdpOf("10.0.0.5", audio), 0, ErrAddress},
		{"ours of IPv6", both, sdpOf("2001:db8::5", audio), 0, ErrAddress},
		{"loopback", both, sdpOf("::1", audio), 0, ErrAddress},
		{"reports by IPv6", both, sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP6 2001:db8::1"), 0, ErrAddress},
		{"reports by IPv4", both, sdpOf("2001:db8::1", audio, "a=rtcp:4001 IN IP4 192.0.2.1"), 0, ErrAddress},
		{"reports elsewhere", both, sdpOf("2001:db8::1", audio, "a=rtcp:4001 IN IP6 2001:db8::2"), IPv6, nil},
	} {
		offer, err := c.engine.Read(c.offer, LegOptions{})
		family := offer.Family()
		if !errors.Is(err, c.err) || err == nil && family != c.want {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, family, err, c.want, c.err)
		}
		s, opened := c.engine.Open(Options{FamilyA: family})
		must(t, opened)
		if received := s.Receive(A, c.offer); !errors.Is(received, c.err) {
			t.Errorf("%s: received %v, checked %v", c.name, received, err)
		}
		s.Close()
	}
}

// A leg has one family, as its ports do.
func TestAnotherFamilyIsOutOfReachOfALeg(t *testing.T) {
	s, err := dual(t).Open(Options{FamilyA: IPv4, FamilyB: IPv6})
	must(t, err)
	four, six := sdpOf("192.0.2.1", audio), sdpOf("2001:db8::1", audio)
	if err := s.Receive(A, six); !errors.Is(err, ErrAddress) {
		t.Errorf("A: %v", err)
	}
	s.Offer(B)
	if err := s.Accept(B, four); !errors.Is(err, ErrAddress) {
		t.Errorf("B: %v", err)
	}
	talk(t, s, four, six)
}

func TestAnotherGatewayMayBeOfAnotherFamily(t *testing.T) {
	cfg := fixed()
	cfg.Listen = addrs("203.0.113.5", "2001:db8::5")
	mover := relay.NewMute(cfg.Ports)
	engine := New(cfg, mover)
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{FamilyB: IPv6})
	must(t, err)
	for i, step := range []struct {
		family Family
		at     string
		port   uint16
	}{
		{IPv6, "IP6 2001:db8::5", 20002},
		{IPv4, "IP4 203.0.113.5", 20004},
		{0, "IP4 203.0.113.5", 20004},
		{IPv4, "IP4 203.0.113.5", 20004},
		{IPv6, "IP6 2001:db8::5", 20006},
	} {
		if i > 0 {
			must(t, s.Restart(B, step.family))
		}
		offer := s.Offer(B)
		if at := addressOf(t, offer); at != step.at || !strings.Contains(string(offer), fmt.Sprintf("m=audio %d ", step.port)) {
			t.Errorf("step %d, %v: at %s\n%s", i, step.family, at, offer)
		}
	}
	talk(t, s, sdpOf("192.0.2.1", audio), sdpOf("2001:db8::1", audio))
	s.Bridge()
	if flow, ok := mover.Flow(s.circuit); !ok || !flow.Ends[0].RTP.Addr().Is4() || !flow.Ends[1].RTP.Addr().Is6() {
		t.Errorf("flow %+v, %t", flow.Ends, ok)
	}
	s.Close()
	if err := s.Restart(B, IPv4); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestALegThatFindsNoOtherPortsIsAsItWas(t *testing.T) {
	cfg := fixed()
	cfg.Listen, cfg.Ports = addrs("203.0.113.5", "2001:db8::5"), PortRange{First: 20000, Last: 20003}
	engine := NewMute(cfg)
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{})
	must(t, err)
	before := s.Offer(B)
	if err := s.Restart(B, IPv6); !errors.Is(err, ErrNoPorts) {
		t.Errorf("%v, want ErrNoPorts", err)
	}
	if after := s.Offer(B); string(after) != string(before) {
		t.Errorf("offered\n%s\nthen\n%s", before, after)
	}
}

// Two phones that have no version of IP in common hear each other, the callee behind a second gateway.
func TestSoundBetweenFamilies(t *testing.T) {
	four, six := netip.MustParseAddr("127.22.0.9"), netip.IPv6Loopback()
	engine, err := NewSockets(Config{Listen: []netip.Addr{four, six}, Ports: PortRange{First: 21000, Last: 21999}})
	must(t, err)
	t.Cleanup(engine.Close)
	caller, callee := phone(t, four.String()), phone(t, six.String())
	s, err := engine.Open(Options{FamilyA: IPv4, FamilyB: IPv4})
	must(t, err)
	s.Offer(B)
	must(t, s.Restart(B, IPv6))
	must(t, s.Receive(A, offerOf(caller, "8")))
	toB := portIn(t, s.Offer(B))
	must(t, s.Accept(B, offerOf(callee, "8")))
	answer, err := s.Answer(A)
	must(t, err)
	toA := portIn(t, answer)
	s.Bridge()
	for _, way := range []struct {
		from, to *net.UDPConn
		at       netip.AddrPort
	}{{caller, callee, toA}, {callee, caller, toB}} {
		for i := range uint16(10) {
			send(t, way.from, way.at, 8, i, fmt.Sprintf("word %d", i))
			if got := string(hear(t, way.to).Payload); got != fmt.Sprintf("word %d", i) {
				t.Errorf("%s heard %q", way.to.LocalAddr(), got)
			}
		}
	}
	if got := s.Close(); got.Legs[0].Out.Packets != 10 || got.Legs[1].Out.Packets != 10 {
		t.Errorf("%+v", got)
	}
}
