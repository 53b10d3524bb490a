package relay

// Spare is a port pair that no circuit has yet: several peers were told one each, and one of them will be
// who talks. What arrives there waits unread, and is never heard.
type Spare struct {
	Port uint16
	pair pair // of no sockets, if nothing is ever moved
}

// Spare binds a pair on our address of a family. It is to be adopted or discarded.
// Errors: ErrNoPorts, ErrClosed, or what the system said.
func (s *Switchboard) Spare(family Family) (Spare, error) {
	p, err := s.bindAny(ashore, family)
	return Spare{Port: p.port, pair: p}, err
}

// Adopt gives an end the ports of a spare in place of its own, which are closed and rest. On error all is
// as before. Errors: ErrClosed, or what the system said.
func (s *Switchboard) Adopt(id Circuit, end int, spare Spare) (Circuit, error) {
	l, ok := s.line(id)
	if !ok {
		return id, ErrClosed
	}
	s.carrier.drain([2]pair{spare.pair})
	before, err := l.rebind(end, spare.pair)
	if err != nil {
		return id, err
	}
	s.retire(before)
	id.Ports[end] = spare.Port
	return id, nil
}

// Discard closes a spare's ports, which rest: an SDP has named them.
func (s *Switchboard) Discard(spare Spare) {
	s.carrier.discard(spare.pair)
	s.retire(spare.pair.closed())
}
