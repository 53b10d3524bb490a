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

func (f fields) limits(i *mapping.Interaction) fields {
	l := &i.Limits
	f = f.integer(interactionCallTime, uint64(l.CallTime))
	for _, before := range l.Warn {
		f = f.integer(interactionWarn, uint64(before))
	}
	if l.Warned > mapping.AudienceBoth {
		f = f.integer(interactionWarned, uint64(l.Warned))
	}
	f = f.integer(interactionAtOnce, uint64(l.AtOnce))
	f = f.integer(interactionMaxCalls, uint64(l.Calls))
	f = f.flag(interactionQuietA, i.A.Quiet)
	return f.flag(interactionQuietB, i.B.Quiet)
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
		err = setStrangers(i, tag, v)
	}
	return err
}
