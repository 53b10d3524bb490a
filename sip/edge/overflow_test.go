package edge

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// longSDP makes an INVITE longer than a datagram of ours may be.
var longSDP = sdp + strings.Repeat("a=fmtp:8 x\r\n", 100)

// besideUDP starts an edge with UDP and TCP on one address.
func besideUDP(t *testing.T, gateway *net.UDPAddr) *Edge {
	t.Helper()
	goleak.VerifyNone(t)
	west := carrier(westHost + "/32")
	west.Name, west.Gateways = "west", []Gateway{{Network: UDP, Host: westHost, Port: uint16(gateway.Port)}}
	loopback := netip.MustParseAddrPort("127.0.0.1:0")
	e := New(Config{Listen: []Listen{{Network: UDP, Addr: loopback}, {Network: TCP, Addr: loopback}}, Trunks: []Trunk{west}},
		&switchboard{}, zap.NewNop())
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		goleak.VerifyNone(t)
	})
	return e
}

// await waits for what other goroutines do.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ring sends an INVITE with that SDP to the trunk west.
func ring(t *testing.T, e *Edge, offer string) *Outbound {
	t.Helper()
	inv := Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"}
	out, err := e.Outbound(inv, func(Signal) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Close)
	if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(offer)); err != nil && !errors.Is(err, ErrSend) {
		t.Fatal(err)
	}
	return out
}

// datagram returns the next message that comes by UDP.
func datagram(t *testing.T, conn *net.UDPConn) siptest.Message {
	t.Helper()
	buf := make([]byte, 1<<16)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	n, _, err := conn.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	return siptest.Parse(buf[:n])
}

func TestALongRequestGoesOverTCP(t *testing.T) {
	gateway := udpFrom(t, westHost)
	streams, err := net.Listen("tcp", gateway.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = streams.Close() }()
	e := besideUDP(t, gateway.LocalAddr().(*net.UDPAddr))

	ring(t, e, sdp)
	if m := datagram(t, gateway); m.Name() != "INVITE" || !strings.Contains(m.Get("Via"), "SIP/2.0/UDP") {
		t.Errorf("the short one: %s, Via %s", m.Start, m.Get("Via"))
	}
	long := ring(t, e, longSDP)
	_ = streams.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := streams.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(t, conn)
	invite := s.read()
	if invite.Name() != "INVITE" || invite.Body != longSDP || !strings.Contains(invite.Get("Via"), "SIP/2.0/TCP "+e.Addrs()[1].String()) {
		t.Errorf("the long one: %s, Via %s", invite.Start, invite.Get("Via"))
	}
	if strings.Contains(invite.Get("Via"), "rport") || strings.Contains(invite.Get("Contact"), "transport=tcp") {
		t.Errorf("Via %s, Contact %s", invite.Get("Via"), invite.Get("Contact"))
	}
	if err := long.Do(leg.Action{Do: leg.SendCancel}, nil); err != nil {
		t.Fatal(err)
	}
	if m := s.read(); m.Name() != "CANCEL" || m.Get("Via") != invite.Get("Via") {
		t.Errorf("then %s, Via %s (9.1)", m.Start, m.Get("Via"))
	}
}

// A peer that takes no stream gets it in fragments, and is not asked each time.
func TestALongRequestIsADatagramWhereThereIsNoStream(t *testing.T) {
	gateway := udpFrom(t, westHost)
	e := besideUDP(t, gateway.LocalAddr().(*net.UDPAddr))
	for range 2 {
		ring(t, e, longSDP)
		m := datagram(t, gateway)
		if m.Name() != "INVITE" || m.Body != longSDP || !strings.Contains(m.Get("Via"), "SIP/2.0/UDP "+e.Addrs()[0].String()) ||
			!strings.Contains(m.Get("Via"), "rport") {
			t.Errorf("%s, Via %s", m.Start, m.Get("Via"))
		}
		if !e.streamless.includes(gateway.LocalAddr().(*net.UDPAddr).AddrPort(), time.Now()) {
			t.Error("it will be asked again")
		}
	}
}

// Who takes no stream is forgotten after a while, which may be while an INVITE is made:
// it must not leave on a stream that its CANCEL knows nothing of, and would overtake.
func TestACancelGoesTheWayOfItsInvite(t *testing.T) {
	gateway := udpFrom(t, westHost)
	e := besideUDP(t, gateway.LocalAddr().(*net.UDPAddr))
	e.streamless.add(gateway.LocalAddr().(*net.UDPAddr).AddrPort(), time.Now())
	sent := ring(t, e, longSDP).attempt
	datagram(t, gateway)
	streams, err := net.Listen("tcp", gateway.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = streams.Close() }()
	e.streamless = streamless{}
	invite := *sent.invite
	invite.branch = "z9hG4bKagain"
	again := attempt{listener: sent.listener, invite: &invite, stream: sent.stream, fate: &fate{roster: sent.roster, target: sent.target}}
	t.Cleanup(again.close)
	me := entry{callID: invite.callID, trunk: invite.trunk, put: func(Signal) bool { return true }}
	if err := errors.Join(again.start(me), again.cancel(leg.CauseCancelled)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INVITE", "CANCEL"} {
		if m := datagram(t, gateway); m.Name() != want || !strings.Contains(m.Get("Via"), "SIP/2.0/UDP") || !strings.Contains(m.Get("Via"), invite.branch) {
			t.Errorf("%s, Via %s, in place of %s", m.Start, m.Get("Via"), want)
		}
	}
}

func TestWhoTakesNoStreamIsForgotten(t *testing.T) {
	var s streamless
	now := time.Unix(0, 0)
	peer := netip.MustParseAddrPort(carrierAddr)
	s.add(peer, now)
	if !s.includes(peer, now.Add(streamlessMemory-1)) || s.includes(peer, now.Add(streamlessMemory)) {
		t.Error("not remembered for as long as it should be")
	}
	for port := range uint16(2 * maxStreamless) {
		s.add(netip.AddrPortFrom(peer.Addr(), port), now)
	}
	if len(s.until) > maxStreamless {
		t.Errorf("%d are remembered", len(s.until))
	}
}

// A request is written to be sent, and not to know how long it is, unless that is near the
// bound; and what is said of it then is never too little.
func TestARequestIsNeverLongerThanItIsTakenFor(t *testing.T) {
	l := newListener(UDP)
	d := established(t, l)
	invite := l.composeInvite(&d, l.edge.tokens.branch(), 0, []byte(sdp))
	if invite.atMost() > maxUDPRequest {
		t.Errorf("a usual INVITE is taken for one of %d bytes", invite.atMost())
	}
	six := newListener(UDP)
	six.host, six.addr = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", netip.MustParseAddrPort("[2001:db8::1]:65535")
	far := sip.Uri{Scheme: "sip", User: "+447700900123", Password: "p", Host: "[2001:db8:ffff::ffff]", Port: 65535}
	strange := far
	strange.UriParams = sip.HeaderParams{{K: "transport", V: "tcp"}, {K: "x", V: strings.Repeat("y", 300)}}
	strange.Headers = sip.HeaderParams{{K: "subject", V: strings.Repeat("z", 300)}}
	var phone sip.Uri // of which only the scheme is read
	if err := sip.ParseUri("tel:863-1234;phone-context="+strings.Repeat("x", 400)+".example.com", &phone); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*listener{l, six} {
		for _, uri := range []*sip.Uri{&far, &strange, &phone} {
			bare := d
			bare.callID, bare.cseq, bare.contact, bare.local.uri, bare.target, bare.remote.uri = "", maxCSeq, uri, uri, uri, uri
			routed := bare
			routed.routes = slices.Repeat([]sip.Uri{*uri}, 6)
			for _, d := range []*dialog{&d, &bare, &routed} {
				invite := l.composeInvite(d, l.edge.tokens.branch(), time.Hour, []byte(longSDP))
				setIdentity(&invite, strings.Repeat("i", 900))
				bye := l.composeBye(d, l.edge.tokens.branch(), leg.CauseElsewhere)
				for _, req := range []*asking{&invite, &bye} {
					if got, least := req.atMost(), l.edge.texts.length(req); got < least {
						t.Errorf("%s of %d bytes is taken for one of %d at most", req.method, least, got)
					}
				}
			}
		}
	}
}

func TestALengthIsTheLengthOnTheWire(t *testing.T) {
	l := newListener(UDP)
	d := established(t, l)
	for _, body := range []string{"", sdp, longSDP} {
		req := l.composeInvite(&d, "z9hG4bKx", 0, []byte(body))
		if got, want := l.edge.texts.length(&req), len(req.message().String()); got != want {
			t.Errorf("length %d, want %d", got, want)
		}
	}
}
