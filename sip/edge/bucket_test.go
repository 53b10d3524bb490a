package edge

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whoever asks how often: in no stretch of time are more tokens used than the
// rate allows, and the depth.
func TestNoStretchOfTimeHasMoreThanTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate, depth := rapid.IntRange(1, 50).Draw(t, "rate"), rapid.IntRange(1, 20).Draw(t, "depth")
		patience := time.Duration(rapid.IntRange(0, 3000).Draw(t, "patience")) * time.Millisecond
		b, now := newBucket(rate, depth), time.Unix(0, 0)
		var used []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "takers") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "pause")) * time.Millisecond)
			wait, ok := b.take(now, patience)
			if !ok {
				continue
			}
			if wait < 0 || wait > patience {
				t.Fatalf("a wait of %s with a patience of %s", wait, patience)
			}
			used = append(used, now.Add(wait))
		}
		for i := range used {
			for k := i; k < len(used); k++ {
				if length := used[k].Sub(used[i]); k-i+1 > depth+int(length/b.every) {
					t.Fatalf("%d tokens within %s at %d/s, %d at once", k-i+1, length, rate, depth)
				}
			}
		}
	})
}

// Who keeps to the rate is never refused and never waits.
func TestWhoKeepsToTheRateNeverWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBucket(rapid.IntRange(1, 1000).Draw(t, "rate"), rapid.IntRange(0, 20).Draw(t, "depth"))
		now := time.Unix(0, 0)
		for range 100 {
			if wait, ok := b.take(now, 0); !ok || wait != 0 {
				t.Fatalf("waits %s, %v", wait, ok)
			}
			now = now.Add(b.every + time.Duration(rapid.IntRange(0, 1000).Draw(t, "late")))
		}
	})
}

// What was refused takes nothing: after it, the bucket is as it was.
func TestARefusalTakesNothing(t *testing.T) {
	b, now := newBucket(1, 1), time.Unix(0, 0)
	b.take(now, 0)
	before := b
	for range 10 {
		if _, ok := b.take(now, time.Second-1); ok {
			t.Fatal("taken")
		}
	}
	if b != before {
		t.Errorf("%+v, was %+v", b, before)
	}
}

func TestNoRateIsNoBound(t *testing.T) {
	b := newBucket(0, 0)
	for range 1000 {
		if wait, ok := b.take(time.Unix(0, 0), 0); !ok || wait != 0 {
			t.Fatalf("waits %s, %v", wait, ok)
		}
	}
}
