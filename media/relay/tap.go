package relay

import "time"

// TapPacket is one packet of audio that passed, as a tap shows it.
type TapPacket struct {
	End       int       // 0 or 1: whose peer spoke
	At        time.Time // when it came
	Format    Format    // of the payload
	Aligned   bool      // AMR and AMR-WB: it is octet-aligned
	Timestamp uint32    // of our stream to the other end: one clock however often the speaker's source changes
	Source    uint32    // how many synchronization sources the speaker has used so far
	Payload   []byte    // what the other end was sent, unencrypted; valid during the call only
}

// Tap takes a copy of the audio that passes in either direction. One circuit writes to it and one
// goroutine reads; neither ever waits for the other.
type Tap struct {
	rings [2]ring
}

// NewTap makes an empty tap.
func NewTap() *Tap { return new(Tap) }

// Drain shows what has passed since the last time, each direction in order. It must not be
// called by two goroutines at once.
func (t *Tap) Drain(show func(TapPacket)) {
	for end := range t.rings {
		t.rings[end].drain(func(p TapPacket) {
			p.End = end
			show(p)
		})
	}
}

// Dropped is how many packets found no room, by the end whose peer spoke.
func (t *Tap) Dropped() [2]uint64 {
	return [2]uint64{t.rings[0].dropped.Load(), t.rings[1].dropped.Load()}
}

func (t *Tap) put(p TapPacket) { t.rings[p.End].put(&p) }
