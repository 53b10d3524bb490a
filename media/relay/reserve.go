package relay

import (
	"errors"
	"fmt"
	"syscall"
)

// bindTwo gives a call its pairs, for a worker: both or none.
func (s *Switchboard) bindTwo(worker int, families [2]Family) (pairs [2]pair, err error) {
	if pairs[0], err = s.bindAny(worker, families[0]); err != nil {
		return pairs, err
	}
	if pairs[1], err = s.bindAny(worker, families[1]); err != nil {
		s.unbind(pairs[0])
		return pairs, err
	}
	s.carrier.drain(pairs) // what has come since they were used is nobody's
	return pairs, nil
}

// mostTaken pairs one after another that somebody else uses are as good as all of them: of a range of which
// nine tenths are taken, one call in eight hundred is refused for it, and what it found taken then rests.
const mostTaken = 64

// bindAny gives a pair drawn by lot, on the address of a family: one that was kept open for the worker, or
// one that it binds. One that somebody else uses is left to rest and another one drawn, but not for ever: what
// rests briefly comes back before all are tried.
func (s *Switchboard) bindAny(worker int, family Family) (pair, error) {
	at := berth{host: s.hosts.index(family), worker: worker}
	for taken := 0; ; {
		p, err := s.draw(at)
		switch {
		case err != nil:
			return pair{}, err
		case p.open() && p.berth == at:
			return p, nil
		case p.open():
			s.carrier.discard(p)
		}
		port := p.port
		p, err = s.carrier.bind(s.hosts[at.host], port)
		switch {
		case err == nil:
			p.berth = at
			return p, nil
		case errors.Is(err, syscall.EADDRINUSE):
			s.retire(pair{port: port})
			if taken++; taken == mostTaken {
				return pair{}, fmt.Errorf("%w: %w", ErrNoPorts, err)
			}
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE): // as many as the system lets us have
			s.putBack(port)
			if s.discardKept(makesRoom) == 0 {
				return pair{}, fmt.Errorf("%w: %w", ErrNoPorts, err)
			}
		default:
			s.putBack(port)
			return pair{}, err
		}
	}
}

// unbind gives back a pair that no SDP has named.
func (s *Switchboard) unbind(p pair) {
	s.carrier.discard(p)
	s.putBack(p.port)
}

func (s *Switchboard) draw(at berth) (pair, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return pair{}, ErrClosed
	}
	p, ok := s.ledger.draw(s.now(), at, s.random.IntN)
	if !ok {
		return pair{}, ErrNoPorts
	}
	return p, nil
}

func (s *Switchboard) putBack(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.putBack(port)
}

func (s *Switchboard) retire(pairs ...pair) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pairs {
		s.ledger.retire(p, s.now())
	}
}
