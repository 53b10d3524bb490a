package media

// Check tells whether an offer could be answered on a leg with these options, before anything
// is reserved for it, and the family of IP that the leg then has; zero: the offer doesn't say. It does not
// depend on who calls whom, so that an offer we can't use is refused in the same way whether the call would
// have been connected or not.
// Errors: ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress.
func (e *Engine) Check(offer []byte, options LegOptions) (Family, error) {
	d, err := terms{reach: e.reach, codecs: options.codecs(), srtp: options.SRTP, mux: true}.read(offer)
	return FamilyOf(d.rtp.Addr()), err
}
