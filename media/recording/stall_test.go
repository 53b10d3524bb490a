package recording

import (
	"math/rand/v2"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// A disk that is not there for 7 s, which is as long as a tap holds, costs no word of either side.
func TestADiskThatIsSlowCostsNoWord(t *testing.T) {
	const stall = 7 * time.Second
	for codec, word := range map[relay.Format][]byte{
		relay.PCMA: nil, relay.G722: make([]byte, 160), relay.Opus: {0xF8, 0xFF, 0xFE}, relay.G729: octets(t, loudG729+loudG729),
		relay.AMR: packed(amrNarrow, true, octets(t, loudAMR)), relay.AMRWB: packed(amrWide, true, octets(t, loudAMRWB)),
	} {
		t.Run(codec.String(), func(t *testing.T) {
			begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
			r := newReel(newStudio(t).vault, Order{ID: "rec_11"}, begun)
			for speaker := media.A; speaker <= media.B; speaker++ { // in this order a tap shows them
				v := &voice{speaker: speaker, format: codec, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2)), word: word, aligned: true}
				for _, p := range v.say(begun, stall) {
					if err := r.put(p); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := r.write(begun.Add(stall)); err != nil {
				t.Fatal(err)
			}
			if m, err := r.close(begun.Add(stall), EndedWithCall); err != nil || m.Late != 0 {
				t.Errorf("%d packets found no place, %v", m.Late, err)
			}
		})
	}
}
