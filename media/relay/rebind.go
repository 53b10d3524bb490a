package relay

// Rebind gives an end other ports, on our address of another family, because its peer is to be another
// one that speaks no other. Those it had are closed and rest, since an SDP has named them. On error all
// is as before. Errors: ErrNoPorts, ErrClosed, or what the system said.
func (s *Switchboard) Rebind(id Circuit, end int, family Family) (Circuit, error) {
	l, ok := s.line(id)
	if !ok {
		return id, ErrClosed
	}
	p, err := s.bindAny(family)
	if err != nil {
		return id, err
	}
	if err := l.rebind(end, p); err != nil {
		s.unbind(p)
		return id, err
	}
	return s.renumber(id, end, p.port), nil
}

// renumber notes which port an end has now. If the circuit was released meanwhile, the ports that were
// noted rest already, and this one has to.
func (s *Switchboard) renumber(id Circuit, end int, port uint16) Circuit {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lines[id.ID]
	if !ok {
		s.ledger.retire(port, s.now())
		return id
	}
	s.ledger.retire(l.ports[end], s.now())
	l.ports[end] = port
	s.lines[id.ID] = l
	return Circuit{ID: id.ID, Ports: l.ports}
}
