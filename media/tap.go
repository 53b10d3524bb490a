package media

import "maskd/media/relay"

// Tap copies the sound that passes between the legs into two rings. Who reads them may be as
// slow as it likes: what finds no room is dropped and counted, and no packet waits.
type Tap struct {
	taken *relay.Tap
}

// Sound is a packet of sound that passed. Speaker is the leg that it came from.
type Sound struct {
	Speaker Leg
	relay.TapPacket
}

// NewTap makes a tap for one session.
func NewTap() *Tap { return &Tap{relay.NewTap()} }

// Drain shows what has passed since the last time, each direction in order. It must not be called
// by two goroutines at once. A payload is valid during the call only.
func (t *Tap) Drain(show func(Sound)) {
	t.taken.Drain(func(p relay.TapPacket) { show(Sound{legOf(p.End), p}) })
}

// Dropped is how many packets of a speaker found no room.
func (t *Tap) Dropped(speaker Leg) uint64 { return t.taken.Dropped()[speaker.end()] }

// Tap lets a tap listen in, in place of the one before; nil ends that. When it returns, the one
// before receives nothing more.
func (s *Session) Tap(tap *Tap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case tap == nil:
		s.engine.mover.Tap(s.circuit, nil)
	default:
		s.engine.mover.Tap(s.circuit, tap.taken)
	}
}
