package store

import "maskd/mapping"

// pin writes a PIN. It is the one place in this package where one is revealed:
// the record is sealed.
func (f fields) pin(tag byte, p mapping.PIN) fields { return f.text(tag, p.Reveal()) }

func (v value) pin() (mapping.PIN, error) {
	p, err := mapping.ParsePIN(string(v))
	if err != nil {
		return p, errFields
	}
	return p, nil
}
