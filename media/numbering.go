package media

import "maskd/media/relay"

// numbering is the payload type numbers of our offers on one leg. Once given, a number does not
// change its meaning within a session (RFC 3264 section 8.3.2), whoever gave it.
type numbering struct {
	ours  [lastFormat + 1]uint8
	given relay.Formats // that have a number of ours
	taken numberSet
}

// lastFormat is the highest that there is.
const lastFormat = relay.TelephoneEventFull

// numberSet is a set of payload type numbers, a bit for each.
type numberSet [(lastNumber + 1) / 64]uint64

func (s *numberSet) add(number uint8) { s[number/64] |= 1 << (number % 64) }

func (s *numberSet) join(other numberSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

func (s *numberSet) has(number uint8) bool { return s[number/64]&(1<<(number%64)) != 0 }

// usual is the number of a format where nothing is in its way: the static one if it has one.
func usual(format relay.Format) uint8 {
	switch format {
	case AMR:
		return 96
	case AMRWB:
		return 98
	case Opus:
		return 111
	case L16:
		return 112
	case L16Wide:
		return 113
	case relay.TelephoneEvent:
		return 101
	case relay.TelephoneEventWide:
		return 105
	case relay.TelephoneEventFull:
		return 110
	}
	for number := uint8(0); number < firstDynamic; number++ {
		if static(number) == format {
			return number
		}
	}
	return firstDynamic
}

// firstDynamic is the first number that has no meaning of its own (RFC 3551 section 6).
const firstDynamic = 96

// number all choices of an offer.
func (n *numbering) number(choices repertoire) []payload {
	payloads := make([]payload, 0, len(choices))
	for _, c := range choices {
		payloads = append(payloads, payload{c, n.of(c.format)})
	}
	return payloads
}

func (n *numbering) of(format relay.Format) uint8 {
	if !n.given.Has(format) {
		n.give(format, n.free(usual(format)))
	}
	return n.ours[format]
}

func (n *numbering) give(format relay.Format, number uint8) {
	n.ours[format], n.given = number, n.given.With(format)
	n.taken.add(number)
}

// learn takes over what the numbers mean that a peer's offer gave.
func (n *numbering) learn(d description) {
	n.taken.join(d.numbers)
	for _, p := range d.payloads {
		if own := usual(p.format); own >= firstDynamic || own == p.number {
			n.give(p.format, p.number)
		}
	}
}

// free is a number that means nothing else yet; at worst the one preferred, since no session has
// used up all of them.
func (n *numbering) free(preferred uint8) uint8 {
	if !n.taken.has(preferred) {
		return preferred
	}
	for number := uint8(firstDynamic); number <= lastNumber; number++ {
		if !n.taken.has(number) {
			return number
		}
	}
	return preferred
}
