package edge

import (
	"net"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

func TestRetryAfterIsRead(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "120 (at lunch)": 2 * time.Minute, "18000;duration=3600": 5 * time.Hour,
		"soon": 0, "-5": 0, "99999999999999999999": 0, "(5)": 0,
	} {
		res := sip.NewResponseFromRequest(request(t, options(), ""), 503, "", nil) // a carrier's, not ours
		if value != "" {
			res.AppendHeader(sip.NewHeader("Retry-After", value))
		}
		if got := reportOfFinal(res); got.retryAfter != want || got.verb != unavailable {
			t.Errorf("%q is %v, want %v", value, got.retryAfter, want)
		}
	}
}

// A connection that is refused fails over at once, and the next call does not
// try it first.
func TestAGatewayThatRefusesConnectionsIsShunned(t *testing.T) {
	gateway, err := net.Listen("tcp", westHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gateway.Close() }()
	closed, err := net.Listen("tcp", westHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	port := func(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }
	e := onLoopback(t, TCP, Gateway{Network: TCP, Host: westHost, Port: port(closed)}, Gateway{Network: TCP, Host: westHost, Port: port(gateway)})
	_ = closed.Close()
	heard := make(chan Signal, 4)
	out, err := e.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"},
		func(s Signal) bool { heard <- s; return true })
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	invite := leg.Action{Do: leg.SendInvite}
	if err := out.Do(invite, []byte(sdp)); err != nil || (<-heard).In.Kind != leg.GotFailure {
		t.Fatalf("a connection that is refused: %v", err)
	}
	if first := e.rosterOf(e.peers().trunks[0]).targets(time.Now())[0]; first.Addr.Port() != port(gateway) {
		t.Errorf("the next call goes to %v first", first.Addr)
	}
	if err := out.Do(invite, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	_ = gateway.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := gateway.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if m := newStream(t, conn).read(); m.Name() != "INVITE" || siptest.URI(m.Get("To")) != "sip:+447700900123@"+westHost {
		t.Errorf("the second gateway got %s", m.Start)
	}
}
