package media

// HearsDigits tells whether a leg's peer can be sent keys with the sound. Another one must be told
// of them by signalling.
func (s *Session) HearsDigits(leg Leg) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leg(leg).hasEvents()
}
