package relay

// Rebind gives an end other ports, on our address of another family, because its peer is to be another
// one that speaks no other. Those it had are closed and rest, since an SDP has named them. On error all
// is as before. Errors: ErrNoPorts, ErrClosed, or what the system said.
func (s *Switchboard) Rebind(id Circuit, end int, family Family) (Circuit, error) {
	l, ok := s.line(id)
	if !ok {
		return id, ErrClosed
	}
	p, err := s.bindAny(ashore, family)
	if err != nil {
		return id, err
	}
	before, err := l.rebind(end, p)
	if err != nil {
		s.unbind(p)
		return id, err
	}
	s.retire(before)
	id.Ports[end] = p.port
	return id, nil
}
