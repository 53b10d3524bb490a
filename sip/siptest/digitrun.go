package siptest

// run is digits that follow each other, four bits each, the last sixteen of them.
type run struct {
	digits uint64
	length int
}

// take adds a digit, or ends the run with what is none. It returns how long the run is.
//
//go:norace
func (r *run) take(d byte) int {
	if d > 9 {
		r.length = 0
		return 0
	}
	r.digits, r.length = r.digits<<4|uint64(d), r.length+1
	return r.length
}

// sift reads bytes as they are. What is caught is at the offset; within says what was
// undone before. Tests run it over many megabytes, which nobody else touches: the race
// detector is kept out of it.
//
//go:norace
func (p *pass) sift(data []byte, offset int, within string) {
	var plain, spaced, high, low run // digits as they stand, without separators; nibbles in both orders
	var word uint64
	named := false // a letter, or a decimal point, stands before plain
	step := 0
	if within == "" {
		step = 1
	}
	s := p.sieve
	for i, b := range data {
		at := offset + i*step
		word = word<<8 | uint64(b)
		if s.words.may(word) || word&varintMarks == varintEnds {
			p.word(word, at, step, within)
		}
		switch c := s.classes[b]; c {
		case digit:
			if plain.length == 0 {
				named = i > 0 && (s.classes[data[i-1]] == letter || data[i-1] == '.' && spaced.length > 0)
			}
			plain.take(b & 15)
			if spaced.take(b&15) >= s.lengths[0] {
				p.whole(&spaced, plain.length, at, within)
			}
		default:
			if plain.length > 0 {
				p.ended(&plain, named || c == letter || b == '.' && i+1 < len(data) && s.classes[data[i+1]] == digit, at, within)
				plain.length = 0
			}
			if c != separator && spaced.length > 0 {
				p.ended(&spaced, true, at, within)
				spaced.length = 0
			}
		}
		for n := range 2 { // the first of the nibbles, and the other one
			if high.take(b>>(4-4*n)&15) >= s.lengths[0] {
				p.decimals(&high, at, "BCD", within)
			}
			if low.take(b>>(4*n)&15) >= s.lengths[0] {
				p.decimals(&low, at, "BCD, nibbles swapped", within)
			}
		}
	}
	end := offset + len(data)*step
	p.ended(&plain, named, end, within)
	p.ended(&spaced, true, end, within)
	if p.closely {
		p.siftClosely(data, offset, step, within)
	}
}

// word looks up the eight bytes that end here, and the last six of them.
//
//go:norace
func (p *pass) word(word uint64, at, step int, within string) {
	if n, ok := p.sieve.words.find(word); ok {
		p.catch(n, at-7*step, "integer or digest", within)
	}
	if word&varintMarks != varintEnds {
		return
	}
	if n, ok := p.sieve.varints.find(word & varintMask); ok {
		p.catch(n, at-5*step, "varint", within)
	}
}

// whole looks up the digits that end here, with a country code among them.
//
//go:norace
func (p *pass) whole(r *run, plain, at int, within string) {
	for _, length := range p.sieve.lengths {
		if n, ok := p.sieve.ending(r, length); ok && plain < length {
			p.catch(n, at, "separated digits", within)
		} else if ok {
			p.catch(n, at, "digits", within)
		}
	}
}

// decimals looks up the nibbles that end here.
//
//go:norace
func (p *pass) decimals(r *run, at int, how, within string) {
	for _, length := range p.sieve.lengths {
		if n, ok := p.sieve.ending(r, length); ok {
			p.catch(n, at, how, within)
		}
	}
}

// ending looks up so many digits at the end of a run.
//
//go:norace
func (s *Sieve) ending(r *run, length int) (number int, ok bool) {
	if r.length < length {
		return 0, false
	}
	return s.whole[length].find(r.digits & (1<<(4*length) - 1))
}

// ended looks up a run that is over: a number without its country code, or its last
// digits unless they are part of a name.
//
//go:norace
func (p *pass) ended(r *run, named bool, at int, within string) {
	const shortest, longest = localDigits, 15
	if r.length < shortest || r.length > longest {
		return
	}
	key := r.digits & (1<<(4*r.length) - 1) // in which a trunk prefix, 0, makes no difference
	if r.length == localDigits && !named {
		if n, ok := p.sieve.local.find(key); ok {
			p.catch(n, at, "last 7 digits", within)
		}
	}
	if n, ok := p.sieve.national.find(key); ok {
		p.catch(n, at, "national digits", within)
	}
}
