package relay

import "time"

// tidiedEvery so long, what has stood open and unused since the last time is closed.
const tidiedEvery = time.Minute

// keepTwo tells which pairs of a call that ends may stay open. Once all is closed none may.
func (s *Switchboard) keepTwo() (keep [2]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for end := range keep {
		keep[end] = !s.closed && s.ledger.keep()
	}
	return keep
}

// tidyOn closes what is not needed any more, now and then.
func (s *Switchboard) tidyOn() {
	ticker := time.NewTicker(tidiedEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			s.tidy()
		}
	}
}

func (s *Switchboard) tidy() {
	for _, p := range s.spared() {
		s.unbind(p)
	}
}

func (s *Switchboard) spared() []pair {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.tidy(s.now())
}

// makesRoom pairs are closed at once where nothing else can be opened: who opens one waits for it.
const makesRoom = 64

// discardKept closes what is kept, so many pairs at most, and tells how many it were.
func (s *Switchboard) discardKept(most int) (pairs int) {
	s.mu.Lock()
	kept := s.ledger.empty(most)
	s.mu.Unlock()
	for _, p := range kept {
		s.carrier.discard(p)
	}
	return len(kept)
}
