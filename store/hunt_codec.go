package store

import "maskd/mapping"

// The fields of parties that are rung otherwise than most. Records without them
// are as they were before there were any.
const (
	interactionRingA byte = iota + 72 // left out if in sequence
	interactionRingB
	interactionRingTimeA // left out if it is the default
	interactionRingTimeB
	interactionFallbackA
	interactionFallbackB
)

// hunts writes what is not as it is for most.
func (f fields) hunts(i *mapping.Interaction) fields {
	if i.A.Hunt.Ring > mapping.RingSequence {
		f = f.integer(interactionRingA, uint64(i.A.Hunt.Ring))
	}
	if i.B.Hunt.Ring > mapping.RingSequence {
		f = f.integer(interactionRingB, uint64(i.B.Hunt.Ring))
	}
	f = f.ringTime(interactionRingTimeA, &i.A)
	f = f.ringTime(interactionRingTimeB, &i.B)
	f = f.number(interactionFallbackA, i.A.Hunt.Fallback)
	return f.number(interactionFallbackB, i.B.Hunt.Fallback)
}

func (f fields) ringTime(tag byte, p *mapping.Party) fields {
	usual := mapping.Hunt{Ring: p.Hunt.Ring}.WithDefaults(len(p.Numbers))
	if p.Hunt.RingTime == usual.RingTime {
		return f
	}
	return f.integer(tag, uint64(p.Hunt.RingTime))
}

func setHunts(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionRingA:
		i.A.Hunt.Ring, err = enumOf[mapping.Ring](v)
	case interactionRingB:
		i.B.Hunt.Ring, err = enumOf[mapping.Ring](v)
	case interactionRingTimeA:
		i.A.Hunt.RingTime, err = v.duration()
	case interactionRingTimeB:
		i.B.Hunt.RingTime, err = v.duration()
	case interactionFallbackA:
		i.A.Hunt.Fallback, err = v.number()
	case interactionFallbackB:
		i.B.Hunt.Fallback, err = v.number()
	default:
		err = setLife(i, tag, v)
	}
	return err
}
