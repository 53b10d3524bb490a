package mapping

import "io"

// PINWish is what a draft asks of a party's PIN; zero: the party has none.
type PINWish struct {
	Given PIN  // this one
	Draw  bool // one that is drawn
}

// matches reports whether the wish was, or would be, granted by this PIN.
func (w PINWish) matches(p PIN) bool {
	if w.Draw {
		return !p.IsZero()
	}
	return w.Given == p
}

// grant draws what is to be drawn: not the PIN of the other party.
func (w PINWish) grant(other PIN, random io.Reader) (PINWish, error) {
	for w.Draw && (w.Given.IsZero() || w.Given == other) {
		var err error
		if w.Given, err = DrawPIN(random); err != nil {
			return w, err
		}
	}
	return w, nil
}

// WithPINs returns the draft with the PINs that it wants drawn.
func (d Draft) WithPINs(random io.Reader) (Draft, error) {
	var err error
	if d.PINA, err = d.PINA.grant(d.PINB.Given, random); err == nil {
		d.PINB, err = d.PINB.grant(d.PINA.Given, random)
	}
	return d, err
}

// validatePINs wants two PINs where there are two: one must tell who calls.
func (d Draft) validatePINs() error {
	if !d.PINA.Given.IsZero() && d.PINA.Given == d.PINB.Given {
		return invalid("parties.b.pin", "same_party", "each party needs a PIN of its own")
	}
	return nil
}
