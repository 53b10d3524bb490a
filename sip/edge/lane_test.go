package edge

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

func TestALaneKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, wg := newLanes(), new(sync.WaitGroup)
		var sent []int
		connect := make(chan struct{})
		l.run(wg, "call", errand{send: func() { <-connect; sent = append(sent, 0) }})
		for i := 1; i < 5; i++ {
			l.run(wg, "call", errand{send: func() { sent = append(sent, i) }})
		}
		other := make(chan struct{})
		l.run(wg, "other call", errand{send: func() { close(other) }})
		<-other // it does not wait for the first
		close(connect)
		wg.Wait()
		if !slices.Equal(sent, []int{0, 1, 2, 3, 4}) {
			t.Errorf("sent in the order %v", sent)
		}
		if len(l.waiting) != 0 {
			t.Errorf("%d lanes are left", len(l.waiting))
		}
	})
}

func TestALaneIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, wg := newLanes(), new(sync.WaitGroup)
		connect := make(chan struct{})
		taken := 0
		for range 10 * maxLane {
			if l.run(wg, "call", errand{send: func() { <-connect }}) {
				taken++
			}
		}
		close(connect)
		wg.Wait()
		if taken != maxLane+1 {
			t.Errorf("%d are taken by a lane that does not move", taken)
		}
	})
}

// A 2xx comes again and again while its ACK waits for a connection.
func TestABusyLaneHasAPlaceForTheBye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, wg := newListener(TCP), new(sync.WaitGroup)
		d := established(t, l)
		lanes, acks, ended, connect := newLanes(), 0, false, make(chan struct{})
		run := func(req asking, send func()) bool { return lanes.run(wg, d.callID, errandOf(&req, send)) }
		run(l.composeAck(&d, 1, "z9hG4bKa"), func() { <-connect; acks++ })
		for range 2 * maxLane {
			if !run(l.composeAck(&d, 1, "z9hG4bKa"), func() { acks++ }) {
				t.Fatal("an ACK that waits already finds no place")
			}
		}
		for run(l.compose(sip.INFO, &d, "z9hG4bKx"), func() {}) {
		}
		if !run(l.composeBye(&d, "z9hG4bKy", leg.CauseComplete), func() { ended = true }) {
			t.Error("the BYE is lost")
		}
		close(connect)
		wg.Wait()
		if acks != 2 || !ended {
			t.Errorf("%d ACKs were sent, want the first and one that waited; BYE: %v", acks, ended)
		}
	})
}
