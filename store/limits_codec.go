package store

import (
	"time"

	"maskd/mapping"
)

// The fields of interactions whose calls are limited, and of parties that do not
// want to be disturbed. Records without them are as they were before there were
// any.
const (
	interactionCallTime byte = iota + 80
	interactionWarn          // one for each warning
	interactionWarned
	interactionAtOnce
	interactionMaxCalls
	interactionQuietA
	interactionQuietB
)

// The fields of parties whose own calls are limited.
const (
	interactionCallTimeA byte = iota + 128
	interactionCallTimeB
	interactionMaxCallsA
	interactionMaxCallsB
	interactionCallsA // how many of the calls it made
	interactionCallsB
)

// ownLimits writes what bounds the calls of each party.
func (f fields) ownLimits(i *mapping.Interaction) fields {
	f = f.integer(interactionCallTimeA, uint64(i.A.Limits.CallTime))
	f = f.integer(interactionCallTimeB, uint64(i.B.Limits.CallTime))
	f = f.integer(interactionMaxCallsA, uint64(i.A.Limits.Calls))
	f = f.integer(interactionMaxCallsB, uint64(i.B.Limits.Calls))
	f = f.integer(interactionCallsA, uint64(i.Calls.A))
	return f.integer(interactionCallsB, uint64(i.Calls.B))
}

func setOwnLimits(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionCallTimeA:
		i.A.Limits.CallTime, err = v.duration()
	case interactionCallTimeB:
		i.B.Limits.CallTime, err = v.duration()
	case interactionMaxCallsA:
		i.A.Limits.Calls, err = v.small()
	case interactionMaxCallsB:
		i.B.Limits.Calls, err = v.small()
	case interactionCallsA:
		i.Calls.A, err = v.small()
	case interactionCallsB:
		i.Calls.B, err = v.small()
	default:
		err = setStrangers(i, tag, v)
	}
	return err
}

func (f fields) limits(i *mapping.Interaction) fields {
	l := &i.Limits
	f = f.integer(interactionCallTime, uint64(l.CallTime))
	for _, before := range l.Warn {
		f = f.varint(interactionWarn, uint64(before))
	}
	if l.Warned > mapping.AudienceBoth {
		f = f.integer(interactionWarned, uint64(l.Warned))
	}
	f = f.integer(interactionAtOnce, uint64(l.AtOnce))
	f = f.integer(interactionMaxCalls, uint64(l.Calls))
	f = f.flag(interactionQuietA, i.A.Quiet)
	return f.flag(interactionQuietB, i.B.Quiet).ownLimits(i)
}

func setLimits(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionCallTime:
		i.Limits.CallTime, err = v.duration()
	case interactionWarn:
		var before time.Duration
		before, err = v.duration()
		i.Limits.Warn = append(i.Limits.Warn, before)
	case interactionWarned:
		i.Limits.Warned, err = enumOf[mapping.Audience](v)
	case interactionAtOnce:
		i.Limits.AtOnce, err = v.small()
	case interactionMaxCalls:
		i.Limits.Calls, err = v.small()
	case interactionQuietA:
		i.A.Quiet, err = v.flag()
	case interactionQuietB:
		i.B.Quiet, err = v.flag()
	default:
		err = setOwnLimits(i, tag, v)
	}
	return err
}
