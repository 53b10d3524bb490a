package relay

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	const ptime = 20 * time.Millisecond
	for name, c := range map[string]struct {
		every    time.Duration // between packets
		packets  int
		from, to int // how many are admitted
	}{
		"as agreed":              {ptime, 10000, 10000, 10000},
		"at twice the rate":      {ptime / 2, 10000, 10000, 10000},
		"at three times":         {ptime / 3, 10000, 10000, 10000},
		"ten times for a moment": {ptime / 10, 200, 200, 200},
		"ten times for good":     {ptime / 10, 10000, 3100, 3200},
		"all at once":            {0, 10000, 150, 150},
	} {
		var r rate
		now, admitted := start, 0
		for range c.packets {
			if r.admit(ptime, now) {
				admitted++
			}
			now = now.Add(c.every)
		}
		if admitted < c.from || admitted > c.to {
			t.Errorf("%s: %d of %d admitted, want %d to %d", name, admitted, c.packets, c.from, c.to)
		}
	}
}

func TestRateIsForgottenInSilence(t *testing.T) {
	var r rate
	for range 200 {
		r.admit(0, start)
	}
	if r.admit(0, start) || !r.admit(0, start.Add(overTime)) {
		t.Error("after a burst and a second's silence a packet must pass, and not before")
	}
}
