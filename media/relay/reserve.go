package relay

import (
	"errors"
	"fmt"
	"syscall"
)

// bindTwo binds the pairs of a call: both or none.
func (s *Switchboard) bindTwo(families [2]Family) (pairs [2]pair, err error) {
	if pairs[0], err = s.bindAny(families[0]); err != nil {
		return pairs, err
	}
	if pairs[1], err = s.bindAny(families[1]); err != nil {
		s.unbind(pairs[0])
	}
	return pairs, err
}

// bindAny binds a pair drawn by lot, on the address of a family. One that somebody else uses is left to
// rest and another one drawn.
func (s *Switchboard) bindAny(family Family) (pair, error) {
	addr := s.hosts.of(family)
	for {
		port, err := s.draw()
		if err != nil {
			return pair{}, err
		}
		p, err := s.carrier.bind(addr, port)
		switch {
		case err == nil:
			return p, nil
		case errors.Is(err, syscall.EADDRINUSE):
			s.retire(port)
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE): // as many as the system lets us have
			s.putBack(port)
			return pair{}, fmt.Errorf("%w: %w", ErrNoPorts, err)
		default:
			s.putBack(port)
			return pair{}, err
		}
	}
}

// unbind gives back a pair that no SDP has named.
func (s *Switchboard) unbind(p pair) {
	p.close()
	s.putBack(p.port)
}

func (s *Switchboard) draw() (uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	port, ok := s.ledger.draw(s.now(), s.random.IntN)
	if !ok {
		return 0, ErrNoPorts
	}
	return port, nil
}

func (s *Switchboard) putBack(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.putBack(port)
}

func (s *Switchboard) retire(ports ...uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, port := range ports {
		s.ledger.retire(port, s.now())
	}
}
