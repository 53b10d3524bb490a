//go:build linux

package place_test

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"maskd/cmd/maskd/place"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept keeps a place for so long, beside two others.
func kept(t *testing.T, after time.Duration) *place.Spare {
	t.Helper()
	before := runtime.GOMAXPROCS(3)
	s, err := place.Keep(after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		runtime.GOMAXPROCS(before)
	})
	return s
}

// taken tells how many places are taken: one is ours.
func taken() uint64 {
	running := []metrics.Sample{{Name: "/sched/goroutines/running:goroutines"}}
	metrics.Read(running)
	return running[0].Value.Uint64()
}

// stays tells whether so many places are taken for some time, but for moments: who keeps one lets
// others run in between.
func stays(places uint64) bool {
	const looks = 20
	seen := 0
	for range looks {
		time.Sleep(time.Millisecond)
		if taken() == places {
			seen++
		}
	}
	return seen > looks/2
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 10_000 {
		if so() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestThePlaceIsTakenUntilSomebodyRunsSomethingInIt(t *testing.T) {
	s := kept(t, time.Hour)
	for range 3 {
		await(t, "it is kept", func() bool {
			s.Run(func() {}) // it is, for some time after that
			return taken() == 2
		})
		if !stays(2) {
			t.Error("it was kept for a moment")
		}
		s.Run(func() {
			await(t, "it is free", func() bool { return taken() == 1 })
		})
	}
}

func TestAPlaceThatNobodyUsesIsNotKept(t *testing.T) {
	s := kept(t, time.Millisecond)
	s.Run(func() {})
	await(t, "it is free", func() bool { return taken() == 1 })
}

// A stop of all threads waits for none that keeps a place.
func TestWhoeverRunsSomethingAllComesToItsEnd(t *testing.T) {
	s := kept(t, time.Hour)
	var done atomic.Int64
	var all sync.WaitGroup
	const runners, runs = 8, 250
	for range runners {
		all.Go(func() {
			for n := range runs {
				s.Run(func() { done.Add(1) })
				if n%50 == 0 {
					runtime.GC()
				}
			}
		})
	}
	all.Wait()
	if n := done.Load(); n != runners*runs {
		t.Errorf("%d of %d were run", n, runners*runs)
	}
}

func TestWithoutAPlaceItIsRunAsItIs(t *testing.T) {
	ran := false
	(*place.Spare)(nil).Run(func() { ran = true })
	if !ran {
		t.Error("it was not run")
	}
}
