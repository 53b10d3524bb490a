package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/leg"
)

// traced returns what crossed of the world's one call: on which leg, from whom, what.
func (w *world) traced() string {
	var lines []string
	for _, c := range w.b2bua.Trace(w.journal.final()[0].Call) {
		leg, way := "A", "<"
		if c.OnB {
			leg = "B"
		}
		if c.Sent {
			way = ">"
		}
		lines = append(lines, leg+way+c.String())
	}
	return strings.Join(lines, "; ")
}

// What is remembered of a call is what its legs had to do with, in the order in which
// they had: not what transactions send and answer by themselves.
func TestACallIsTraced(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(*world)
		want   string
	}{
		{"answered, held, hung up", func(w *world) {
			w.talk()
			w.hangUp(w.rider)
		}, "A<INVITE, SDP; B>INVITE, SDP; B<180; A>180; B<200, SDP; B>ACK; A>200, SDP; A<ACK; A<BYE; A>200 (BYE); B>BYE; B<200 (BYE)"},
		{"busy", func(w *world) {
			w.ring()
			w.customer.Respond(486, "Customer is busy")
			w.await(w.rider, "486")
		}, "A<INVITE, SDP; B>INVITE, SDP; B<180; A>180; B<486; A>486"},
		{"cancelled", func(w *world) {
			w.ring()
			w.rider.Cancel()
			w.await(w.rider, "487")
			time.Sleep(time.Second)
		}, "A<INVITE, SDP; B>INVITE, SDP; B<180; A>180; A<CANCEL; B>CANCEL; A<ACK; B<487"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				tt.script(w)
				w.settle()
				if got := w.traced(); got != tt.want {
					t.Errorf("traced\n%s, want\n%s", got, tt.want)
				}
			})
		})
	}
}

// The latest are remembered, however many there are.
func TestTheLatestIsTraced(t *testing.T) {
	ring, now := newTrace(4), time.Unix(0, 0)
	for call := byte(1); call <= 3; call++ {
		ring.said(mapping.ID{call}, LegB, leg.Action{Do: leg.SendInvite}, nil, now)
		ring.said(mapping.ID{call}, LegB, leg.Action{Do: leg.SendAck}, nil, now)
	}
	for call, want := range map[byte]int{0: 0, 1: 0, 2: 2, 3: 2} {
		if got := len(ring.of(mapping.ID{call})); got != want {
			t.Errorf("%d messages of call %d, want %d", got, call, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { ring.said(mapping.ID{9}, LegB, leg.Action{Do: leg.SendInvite}, nil, now) }); n != 0 {
		t.Errorf("a message costs %v allocations", n)
	}
}
