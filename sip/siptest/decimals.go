package siptest

// BCD without the country code, in whole bytes.

// filler is the half of a byte that is left over, as ITU-T Q.763 has it in all but its
// calling party numbers, where it is 0, and 3GPP TS 29.002 in all.
const filler = 15

// addDecimals adds a number as BCD has it: without and with a trunk prefix, with which it
// needs a filler, and its last digits.
func (s *Sieve) addDecimals(national string, number int) {
	for _, digits := range []string{national, "0" + national, "0" + national + "0", national[len(national)-localDigits:]} {
		if s.decimals[len(digits)].keys == nil {
			s.decimals[len(digits)] = newTable()
		}
		s.decimals[len(digits)].add(packed(digits), number)
	}
}

// siftClosely reads bytes as BCD. In what was encoded a number is looked for at the
// beginning and at the end only: what is decoded may have been anything.
//
//go:norace
func (p *pass) siftClosely(data []byte, offset, step int, within string) {
	for n, how := range []string{"BCD", "BCD, nibbles swapped"} {
		var r run
		for i, b := range data {
			first, last := b>>(4-4*n)&15, b>>(4*n)&15
			if first > 9 || last > 9 && last != filler {
				r.length = 0
				continue
			}
			r.take(first)
			if last != filler {
				r.take(last)
			}
			if within == "" || i == len(data)-1 || r.length >= 2*i+1 {
				p.national(&r, last == filler, n == 1, offset+i*step, how, within)
			}
			if last == filler {
				r.length = 0
			}
		}
	}
}

// national looks up the digits that end here. Of the last digits alone, swapped and with a
// filler is what no other text looks like.
//
//go:norace
func (p *pass) national(r *run, filled, swapped bool, at int, how, within string) {
	for length, t := range p.sieve.decimals {
		if t.keys == nil || r.length < length || filled == (length%2 == 0) || length == localDigits && !swapped {
			continue
		}
		if n, ok := t.find(r.digits & (1<<(4*length) - 1)); ok {
			p.catch(n, at, how+" without country code", within)
		}
	}
}
