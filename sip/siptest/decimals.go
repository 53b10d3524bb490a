package siptest

import "slices"

// BCD without the country code, in whole bytes.

// filler is the half of a byte that is left over, as ITU-T Q.763 has it in all but its
// calling party numbers, where it is 0, and 3GPP TS 29.002 in all.
const filler = 15

// shortestNational is how many digits a number of whole bytes has at least.
const shortestNational = 8

// decimals are keys of so many digits.
type decimals struct {
	length int
	table
}

// addDecimals adds a number as BCD has it: without and with a trunk prefix, with which it
// needs a filler, and its last digits.
func (s *Sieve) addDecimals(national string, number int) {
	for _, digits := range []string{national, "0" + national, "0" + national + "0", national[len(national)-localDigits:]} {
		i := slices.IndexFunc(s.decimals, func(d decimals) bool { return d.length == len(digits) })
		if i < 0 {
			i, s.decimals = len(s.decimals), append(s.decimals, decimals{len(digits), newTable()})
		}
		s.decimals[i].add(packed(digits), number)
	}
}

// siftClosely reads bytes as BCD. In what was encoded a number is looked for at the
// beginning and at the end only: what is decoded may have been anything.
//
//go:norace
func (p *pass) siftClosely(data []byte, offset, step int, within string) {
	var plain, turned run // by which half of a byte comes first
	for i, b := range data {
		edge := within == "" || i == len(data)-1
		if plain.takeByte(b>>4, b&15) && (edge || plain.length >= 2*i+1) {
			p.national(&plain, b&15 == filler, false, offset+i*step, "BCD", within)
		}
		if turned.takeByte(b&15, b>>4) && (edge || turned.length >= 2*i+1) {
			p.national(&turned, b>>4 == filler, true, offset+i*step, "BCD, nibbles swapped", within)
		}
		if b&15 == filler {
			plain.length = 0
		}
		if b>>4 == filler {
			turned.length = 0
		}
	}
}

// takeByte adds two digits, or one and a filler, or ends the run with what is neither. It
// reports whether a number may end here.
//
//go:norace
func (r *run) takeByte(first, last byte) bool {
	switch {
	case first > 9 || last > 9 && last != filler:
		r.length = 0
		return false
	case last == filler:
		r.digits, r.length = r.digits<<4|uint64(first), r.length+1
		return r.length >= localDigits
	default:
		r.digits, r.length = r.digits<<8|uint64(first)<<4|uint64(last), r.length+2
		return r.length >= shortestNational
	}
}

// national looks up the digits that end here. Of the last digits alone, swapped and with a
// filler is what no other text looks like; what was encoded may, once in a few runs: each id is.
//
//go:norace
func (p *pass) national(r *run, filled, swapped bool, at int, how, within string) {
	for i := range p.sieve.decimals {
		d := &p.sieve.decimals[i]
		if r.length < d.length || filled == (d.length%2 == 0) || d.length == localDigits && (!swapped || within != "") {
			continue
		}
		if n, ok := d.find(r.digits & (1<<(4*d.length) - 1)); ok {
			p.catch(n, at, how+" without country code", within)
		}
	}
}
