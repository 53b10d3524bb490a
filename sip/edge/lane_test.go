package edge

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestALaneKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, wg := newLanes(), new(sync.WaitGroup)
		var sent []int
		connect := make(chan struct{})
		l.run(wg, "call", func() { <-connect; sent = append(sent, 0) })
		for i := 1; i < 5; i++ {
			l.run(wg, "call", func() { sent = append(sent, i) })
		}
		other := make(chan struct{})
		l.run(wg, "other call", func() { close(other) })
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
			if l.run(wg, "call", func() { <-connect }) {
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
