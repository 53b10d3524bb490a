package edge

import (
	"testing"
	"time"
)

// quake has whoever is asked for a call panic.
func (x *exchange) quake() { x.board.admit = func(*Inbound) { panic("a fault of ours") } }

// endure notes the panics that were to come.
func (x *exchange) endure(want uint64) {
	x.t.Helper()
	if n := x.edge.counts.panics.Swap(0); n != want {
		x.t.Errorf("%d panics, want %d", n, want)
	}
}

// A caller whose INVITE meets a fault of ours hears of it, and nothing is left of it.
func TestWhoMeetsAFaultIsAnswered(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.quake()
		if got := names(x.send(x.carrier, invite().text(sdp))); got != "100, 500" {
			t.Errorf("answered %q", got)
		}
		time.Sleep(time.Minute)
		if n := x.transactions(); n != 0 {
			t.Errorf("%d transactions are left", n)
		}
		x.endure(1)
	})
}

// What can't even be composed leaves the transaction open, so that there is an answer.
func TestAResponseThatPanicsIsNotTheLast(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.admit = func(in *Inbound) {
			_ = in.tx.Respond(response{status: 404}) // to nothing
		}
		if got := names(x.send(x.carrier, invite().text(sdp))); got != "100, 500" {
			t.Errorf("answered %q", got)
		}
		time.Sleep(time.Minute)
		if n := x.transactions(); n != 0 {
			t.Errorf("%d transactions are left", n)
		}
		x.endure(1)
	})
}
