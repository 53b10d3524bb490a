package media

import (
	"cmp"
	"fmt"

	"maskd/media/relay"
)

// rival is one of several peers for leg B. Of what was offered to one, another knows nothing: each has a
// session, keys and ports of its own. None is heard before it is chosen.
type rival struct {
	*negotiation
	spare relay.Spare
	holds bool // its spare is neither adopted nor discarded
}

// Rival opens one of several legs of which one will be leg B, negotiated as that would be, at ports of a
// family; zero: that of leg B. What is negotiated on it has no effect before it is chosen.
// Errors: ErrNoPorts, ErrClosed, or what the system or the source of randomness said.
func (s *Session) Rival(family Family) (Leg, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	like := s.legs[B.end()]
	id, err := s.engine.identity(like.options)
	if err != nil {
		return 0, err
	}
	at := s.engine.reach.leg(cmp.Or(family, like.reach[0].family()))
	spare, err := s.engine.mover.Spare(at[0].family())
	if err != nil {
		return 0, fmt.Errorf("reserve ports of a rival: %w", err)
	}
	s.rivals = append(s.rivals, rival{
		negotiation: newNegotiation(id.local(at, spare.Port), at, like.options, id.secret), spare: spare, holds: true,
	})
	return firstRival + Leg(len(s.rivals)-1), nil
}

// Choose makes a rival leg B, with all that was negotiated on it, in place of leg B as it was.
// Errors: ErrClosed, also where the rival was dismissed, or what the system said.
func (s *Session) Choose(leg Leg) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.rivals[leg-firstRival]
	if s.closed || !r.holds {
		return ErrClosed
	}
	circuit, err := s.engine.mover.Adopt(s.circuit, B.end(), r.spare)
	if err != nil {
		return fmt.Errorf("take up ports of a rival: %w", err)
	}
	s.circuit, r.holds, s.legs[B.end()] = circuit, false, r.negotiation
	s.install()
	return nil
}

// Dismiss gives the ports of a rival back. One that was chosen, or dismissed before, is as it was.
func (s *Session) Dismiss(leg Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dismiss(&s.rivals[leg-firstRival])
}

// dismiss does so; the caller holds mu.
func (s *Session) dismiss(r *rival) {
	if r.holds {
		s.engine.mover.Discard(r.spare)
		r.holds = false
	}
}
