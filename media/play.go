package media

import (
	"time"

	"maskd/media/sound"
)

// Play begins a prompt on a leg, in place of another one and of what the other leg says; it may
// begin before the bridge. Played tells when it is over; a prompt in a loop goes on until
// StopPlaying. Nothing is played to a leg that has put the call on hold.
// Errors: ErrUnplayable, ErrClosed.
func (s *Session) Play(leg Leg, prompt *sound.Prompt, loop bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case !s.leg(leg).agreed.Audio.G711():
		return ErrUnplayable
	}
	s.engage()
	s.engine.mover.Play(s.circuit, leg.end(), prompt.Clip(), loop)
	return nil
}

// Hears reports whether a leg's peer hears what is played to it: it is not on hold, and its
// codec is one in which we can play.
func (s *Session) Hears(leg Leg) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	agreed := &s.leg(leg).agreed
	return !s.closed && agreed.Listens && agreed.Audio.G711()
}

// StopPlaying ends what is played to a leg, which hears the other leg again.
func (s *Session) StopPlaying(leg Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.engine.mover.Stop(s.circuit, leg.end())
	}
}

// SendDigit lets a leg's peer hear a key of the other, held for so long, after those sent before. After
// Part it has no effect.
// Errors: ErrUnplayable where the peer has no events, ErrClosed.
func (s *Session) SendDigit(leg Leg, digit Digit, duration time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case !s.leg(leg).hasEvents():
		return ErrUnplayable
	case s.parted:
		return nil
	}
	s.engage()
	s.engine.mover.Press(s.circuit, leg.end(), digit, duration)
	return nil
}

// Swallow keeps the keys that a leg's peer presses from the other leg, or no longer does. They are
// told as events either way; it may begin before the bridge.
func (s *Session) Swallow(leg Leg, swallow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swallow[leg.end()] = swallow
	s.engaged = s.engaged || swallow
	s.install()
}

// Withhold keeps some of the keys that a leg's peer presses from the other leg, until who is told of
// them sends them on; with the star also the key behind one.
func (s *Session) Withhold(leg Leg, keys Keys) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.withheld[leg.end()] != keys {
		s.withheld[leg.end()] = keys
		s.install()
	}
}

// engage lets prompts and keys be sent and keys be heard from now on, without a bridge.
func (s *Session) engage() {
	s.engaged = true
	s.install()
}
