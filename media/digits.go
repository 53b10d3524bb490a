package media

// HearsDigits tells whether a leg's peer can be sent keys with the sound. Another one must be told
// of them by signalling.
func (s *Session) HearsDigits(leg Leg) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leg(leg).hasEvents()
}

// Swallows tells whether the keys that a leg's peer presses are kept from the other leg, as Swallow
// has it. One heard by other means than with the sound, such as by INFO, is to be kept from it too.
func (s *Session) Swallows(leg Leg) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.swallow[leg.end()]
}
