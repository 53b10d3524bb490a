package edge

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"maskd/sip/leg"
)

// hole listens at west's host, and never accepts: a process that was stopped.
func hole(t *testing.T) *net.TCPListener {
	t.Helper()
	socket, err := net.Listen("tcp", westHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return socket.(*net.TCPListener)
}

func portOf(l net.Listener) uint16 { return addrPortOf(l.Addr()).Port() }

// A gateway's Contact may lead to who takes connections and says nothing. The
// BYE is behind the ACK in its lane.
func TestAnAckToWhoNeverShakesHandsHoldsUpNoBye(t *testing.T) {
	gateway, silent := hole(t), hole(t)
	h := newHouse(t, Gateway{Network: TLS, Host: westHost, Port: portOf(gateway)})
	t.Cleanup(func() { _ = silent.Close() }) // before the house: who waits in it is reset
	heard := make(chan Signal, 16)
	out, err := h.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"},
		func(s Signal) bool { heard <- s; return true })
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	go answerOnce(t, gateway, h.ca.issue(dns("west.example")), "<sip:d@"+silent.Addr().String()+";transport=tls>")
	if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	if in, ok := out.Heard(<-heard); !ok || in.Kind != leg.GotOK {
		t.Fatalf("heard %v", in.Kind)
	}
	_ = out.Do(leg.Action{Do: leg.SendAck}, nil)
	_ = out.Do(leg.Action{Do: leg.SendBye}, nil)
	select {
	case <-heard:
	case <-time.After(patience):
		t.Error("the BYE waits for the ACK's connection without end")
	}
}

// answerOnce accepts a connection, and answers the INVITE that comes on it.
func answerOnce(t *testing.T, socket net.Listener, shown tls.Certificate, contact string) {
	conn, err := socket.Accept()
	if err != nil {
		return
	}
	s := newStream(t, tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{shown}}))
	if _, err := s.reader.Peek(1); err != nil {
		return
	}
	m := s.read()
	s.send(lines{"SIP/2.0 200 OK", "Via: " + m.Get("Via"), "From: " + m.Get("From"), "To: " + m.Get("To") + ";tag=theirs",
		"Call-ID: " + m.Get("Call-ID"), "CSeq: " + m.Get("CSeq"), "Contact: " + contact, "Content-Length: 0"}.text(""))
}

// A gateway may take connections and say nothing. What ends the call must not
// wait for it.
func TestAnInviteKeepsNoCallThatItsGatewayIsToBeConnectedFor(t *testing.T) {
	silent := hole(t)
	h := newHouse(t, Gateway{Network: TLS, Host: westHost, Port: portOf(silent)})
	heard := make(chan Signal, 1)
	out, err := h.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"},
		func(s Signal) bool { heard <- s; return true })
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 0 {
		t.Fatal("the call was kept until the gateway had failed")
	}
	if s := <-heard; s.In.Kind != leg.GotFailure {
		t.Errorf("heard %v", s.In.Kind)
	}
}
