package sip

import (
	"context"
	"testing"
	"time"

	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// A carrier that asks whether we are there is told in time that we go.
func TestOptionsTellThatWeStop(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		stopped := make(chan struct{})
		w.customer.Ignore(func(m siptest.Message) bool { return m.Name() == "BYE" }) // it takes its time
		go func() {
			w.b2bua.Close(context.Background())
			close(stopped)
		}()
		time.Sleep(100 * time.Millisecond)
		w.rider.Ask("OPTIONS", string(riderDID))
		w.await(w.rider, "503 OPTIONS")
		<-stopped
	})
}

// How long a gateway may be silent is its trunk's to say, as long as there is
// another one.
func TestATrunkSaysHowLongItsGatewaysMayBeSilent(t *testing.T) {
	hasty := twoGateways
	hasty.failover = time.Second
	for _, row := range []struct {
		cast cast
		want time.Duration
	}{{twoGateways, 4 * time.Second}, {hasty, time.Second}} {
		inWorld(t, row.cast, func(w *world) {
			w.customer.Ignore(func(siptest.Message) bool { return true })
			begun := time.Now()
			w.rider.Invite(string(riderDID))
			w.await(w.second, "INVITE")
			if waited := time.Since(begun); waited < row.want || waited > row.want+100*time.Millisecond {
				t.Errorf("the second gateway is tried after %v, want %v", waited, row.want)
			}
			w.second.Answer()
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		})
	}
}

func TestTrunksTellOfTheirCallsAndGateways(t *testing.T) {
	inWorld(t, twoGateways, func(w *world) {
		w.invite()
		w.customer.Respond(503, "Overloaded")
		w.await(w.second, "INVITE")
		w.second.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		trunks := w.b2bua.Trunks()
		west, east := trunks[0], trunks[1]
		if west.CallsIn != 1 || west.CallsOut != 0 || east.CallsIn != 0 || east.CallsOut != 1 {
			t.Errorf("live calls: west %d in, %d out; east %d in, %d out", west.CallsIn, west.CallsOut, east.CallsIn, east.CallsOut)
		}
		if west.Sent[200] != 1 || east.Received[503] != 1 || east.Received[200] != 1 {
			t.Errorf("sent %v, received %v", west.Sent, east.Received)
		}
		failed, served := east.Targets[0], east.Targets[1]
		if failed.Shunned.IsZero() || !served.Shunned.IsZero() || served.State != edge.TargetUp {
			t.Errorf("the one that failed %+v, the one that served %+v", failed, served)
		}
		w.hangUp(w.rider)
		w.rider.Invite(string(riderDID))
		w.await(w.second, "INVITE") // first, this time
		w.second.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.rider)
		if n := w.b2bua.Trunks()[1].Received[503]; n != 1 {
			t.Errorf("the gateway that failed was tried %d times", n)
		}
	})
}
