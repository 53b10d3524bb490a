package media

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// offered is what a rival was offered, on its ports.
func offered(t *testing.T, s *Session) (Leg, string) {
	t.Helper()
	leg, err := s.Rival(0)
	must(t, err)
	return leg, string(s.Offer(leg))
}

func TestRivalsKnowNothingOfEachOther(t *testing.T) {
	s, _ := muted(t)
	s.legs[B.end()].options.SRTP = SRTPRequired
	_, first := offered(t, s)
	_, second := offered(t, s)
	for _, line := range strings.Split(first, "\r\n") {
		unique := strings.HasPrefix(line, "o=") || strings.HasPrefix(line, "a=crypto:") || strings.HasPrefix(line, "m=")
		if unique && strings.Contains(second, line) {
			t.Errorf("both are offered %q", line)
		}
	}
	if !strings.Contains(first, "a=crypto:") {
		t.Errorf("no key in\n%s", first)
	}
}

func TestTheRivalThatIsChosenIsHeard(t *testing.T) {
	s, mover := muted(t)
	must(t, s.Receive(A, sdpOf("192.0.2.1", audio)))
	one, _ := offered(t, s)
	two, body := offered(t, s)
	must(t, s.Accept(one, sdpOf("198.51.100.1", audio)))
	must(t, s.Accept(two, sdpOf("198.51.100.2", audio)))
	s.Bridge()
	if flow, ok := mover.Flow(s.circuit); ok {
		t.Errorf("nobody is chosen, and it flows: %+v", flow)
	}
	must(t, s.Choose(two))
	s.Dismiss(one)
	_, err := s.Answer(A)
	must(t, err)
	flow, ok := mover.Flow(s.circuit)
	if !ok || flow.Ends[1].RTP.Addr().String() != "198.51.100.2" {
		t.Errorf("heard at %s, %t", flow.Ends[1].RTP, ok)
	}
	if !strings.Contains(body, fmt.Sprintf("m=audio %d ", s.circuit.Ports[1])) {
		t.Errorf("leg B is on port %d, offered was\n%s", s.circuit.Ports[1], body)
	}
	if err := s.Choose(one); !errors.Is(err, ErrClosed) {
		t.Errorf("who was dismissed is chosen: %v", err)
	}
	if used := s.engine.Usage().Used; used != 2 {
		t.Errorf("%d pairs in use, want 2", used)
	}
}

func TestRivalsGiveTheirPortsBack(t *testing.T) {
	s, _ := muted(t)
	one, _ := offered(t, s)
	offered(t, s)
	s.Dismiss(one)
	s.Dismiss(one)
	if used := s.engine.Usage().Used; used != 3 {
		t.Errorf("%d pairs in use, want 3", used)
	}
	s.Close()
	if used := s.engine.Usage().Used; used != 0 {
		t.Errorf("%d pairs in use after the end", used)
	}
	if _, err := s.Rival(0); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
	if err := s.Choose(one); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

func TestARivalThatFindsNoPortsIsNone(t *testing.T) {
	cfg := fixed()
	cfg.Ports = PortRange{First: 20000, Last: 20003}
	engine := NewMute(cfg)
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{})
	must(t, err)
	if _, err := s.Rival(0); !errors.Is(err, ErrNoPorts) {
		t.Errorf("%v, want ErrNoPorts", err)
	}
}
