package media

// Offer is a peer's offer that has been read.
type Offer struct{ read description }

// Read reads an offer to a leg with these options, before anything is reserved for it, for
// [Session.Take]. Whether it could be answered does not depend on who calls whom, so that an offer
// we can't use is refused in the same way whether the call would have been connected or not.
// Errors: ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress.
func (e *Engine) Read(offer []byte, options LegOptions) (Offer, error) {
	d, err := terms{reach: e.reach, codecs: options.codecs(), srtp: options.SRTP, mux: true}.read(offer)
	return Offer{read: d}, err
}

// Family is the version of IP that a leg has which answers the offer; zero: it doesn't say.
func (o Offer) Family() Family { return FamilyOf(o.read.rtp.Addr()) }

// Take is Receive of an offer that was read with this leg's options. Errors: ErrNoCodec, ErrClosed.
func (s *Session) Take(leg Leg, offer Offer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return s.leg(leg).take(offer.read, s.leg(leg.Other()).far())
}
