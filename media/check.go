package media

// Check tells whether an offer could be answered, before anything is reserved for it. It does
// not depend on who calls whom, so that an offer we can't use is refused in the same way
// whether the call would have been connected or not.
// Errors: ErrMalformed, ErrNotAudio, ErrNoCodec, ErrAddress.
func (e *Engine) Check(offer []byte) error {
	_, err := read(offer, e.advertise.Is4())
	return err
}
