package sound

import (
	"math"
	"testing"
	"time"
)

// power of one frequency in the samples, as a part of full scale (Goertzel).
func power(samples []int16, frequency float64) float64 {
	var re, im float64
	for i, s := range samples {
		angle := 2 * math.Pi * frequency * float64(i) / promptRate
		re += float64(s) * math.Cos(angle)
		im += float64(s) * math.Sin(angle)
	}
	return 2 * math.Hypot(re, im) / float64(len(samples)) / (1 << 15)
}

func TestTonesSoundAndPause(t *testing.T) {
	for _, c := range []struct {
		name        string
		tone        Tone
		frequencies []float64
		sounds      time.Duration
		whole       time.Duration
	}{
		{"ringback", Ringback(), []float64{425}, time.Second, 5 * time.Second},
		{"warning", Warning(), []float64{1400}, 150 * time.Millisecond, 600 * time.Millisecond},
	} {
		if got := c.tone.Prompt().Duration(); got != c.whole {
			t.Errorf("%s lasts %s", c.name, got)
		}
		samples := c.tone.linear()
		n := int(c.sounds * promptRate / time.Second)
		for _, f := range c.frequencies {
			if got := power(samples[:n], f); math.Abs(got-toneLevel) > 0.02 {
				t.Errorf("%s: %v Hz at %.3f", c.name, f, got)
			}
		}
		if samples[n] != 0 || samples[n-1] != 0 || samples[0] != 0 || samples[len(samples)-1] != 0 {
			t.Errorf("%s clicks", c.name)
		}
	}
}
