package media

import "net/netip"

// Way is how sound passes between us and a leg's peer, as far as it is settled.
type Way struct {
	Peer    netip.AddrPort // whom we hear and send to; invalid: nobody yet
	Speaks  bool           // what the peer says passes to the other leg
	Listens bool           // what the other leg says is sent to the peer
}

// Way tells how sound passes on a leg.
func (s *Session) Way(leg Leg) Way {
	s.mu.Lock()
	defer s.mu.Unlock()
	this, other := s.leg(leg), s.leg(leg.Other())
	open := !s.closed && !s.cut && this.settled && other.settled
	return Way{
		Peer:    this.agreed.RTP,
		Speaks:  open && s.passes[leg.end()] && this.agreed.Speaks && other.agreed.Listens,
		Listens: open && s.passes[leg.Other().end()] && other.agreed.Speaks && this.agreed.Listens,
	}
}
