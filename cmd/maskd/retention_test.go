package main

import (
	"testing"
	"time"

	"maskd/mapping"
)

// Another retention is looked to at once, and the same one is no reason to look.
func TestAReloadBringsAnotherRetention(t *testing.T) {
	d := &daemon{reconsider: make(chan struct{}, 1)}
	d.retention.Store(&mapping.Retention{CDRs: time.Hour})
	for n, test := range []struct {
		keep  mapping.Retention
		looks int
	}{{mapping.Retention{CDRs: time.Hour}, 0}, {mapping.Retention{Audit: time.Hour}, 1}, {mapping.Retention{}, 1}} {
		d.keepFor(test.keep)
		d.keepFor(test.keep)
		if got := len(d.reconsider); got != test.looks || *d.retention.Load() != test.keep {
			t.Errorf("step %d: %d looks, keeps %+v", n, got, *d.retention.Load())
		}
		for range test.looks {
			<-d.reconsider
		}
	}
}
