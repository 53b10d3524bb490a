package mapping

import (
	"slices"
	"time"
)

// Bounds of limits.
const (
	// MinCallTime and MaxCallTime bound the time of a call. In less than ten
	// seconds nobody says what he called for; after a day it is a forgotten line.
	MinCallTime = 10 * time.Second
	MaxCallTime = 24 * time.Hour
	// MaxCalls bounds the calls of an interaction in all, and at once.
	MaxCalls = 1_000_000

	maxWarnings = 4
)

// Limits bound the calls of an interaction. What is zero bounds nothing.
type Limits struct {
	CallTime time.Duration   // from the answer on; then both are hung up
	Warn     []time.Duration // so long before that it is heard, the longest first
	Warned   Audience        // by whom
	AtOnce   int             // calls at once
	Calls    int             // answered calls in all
}

func (l Limits) withDefaults() Limits {
	if l.Warned == 0 {
		l.Warned = AudienceBoth
	}
	return l
}

// in fills in what a draft leaves to its pool: a time comes with its warnings,
// unless the draft has some of its own.
func (l Limits) in(pool Policy) Limits {
	if l.CallTime == 0 {
		l.CallTime = pool.CallTime
		if len(l.Warn) == 0 {
			l.Warn = pool.Warn
		}
	}
	if l.AtOnce == 0 {
		l.AtOnce = pool.AtOnce
	}
	return l
}

// validate reports what can't be. A warning may be of the time that one of the
// parties' calls have.
func (l Limits) validate(a, b PartyLimits) error {
	longest := max(l.CallTime, a.CallTime, b.CallTime)
	switch {
	case l.CallTime != 0 && (l.CallTime < MinCallTime || l.CallTime > MaxCallTime):
		return invalid("max_call_seconds", "out_of_range", "from 10 to 86400 (a day), or 0 for no limit")
	case l.AtOnce < 0 || l.AtOnce > MaxCalls:
		return invalid("max_calls_at_once", "out_of_range", "from 0 (no limit) to 1000000")
	case l.Calls < 0 || l.Calls > MaxCalls:
		return invalid("max_calls", "out_of_range", "from 0 (no limit) to 1000000")
	case len(l.Warn) > 0 && longest == 0:
		return invalid("warn_seconds", "not_allowed", "expected max_call_seconds too: there is nothing to warn of")
	case !ValidWarnings(l.Warn, longest):
		return invalid("warn_seconds", "out_of_range", "at most 4, the longest first, each below max_call_seconds")
	default:
		return nil
	}
}

// ValidWarnings reports whether a call of that time can have these warnings.
func ValidWarnings(warn []time.Duration, of time.Duration) bool {
	for i, before := range warn {
		if before < time.Second || before >= of || i > 0 && before >= warn[i-1] {
			return false
		}
	}
	return len(warn) <= maxWarnings
}

func (l Limits) equal(other Limits) bool {
	return l.CallTime == other.CallTime && slices.Equal(l.Warn, other.Warn) && l.Warned == other.Warned &&
		l.AtOnce == other.AtOnce && l.Calls == other.Calls
}

// within returns the limits of a call that may last no longer than any of those; zero
// is no limit. Warnings that would come before its begin are left out.
func (l Limits) within(mosts ...time.Duration) Limits {
	most := l.CallTime
	for _, m := range mosts {
		if m != 0 && (most == 0 || m < most) {
			most = m
		}
	}
	if most == l.CallTime && most != 0 || len(l.Warn) == 0 {
		l.CallTime = most
		return l
	}
	l.CallTime = most
	l.Warn = slices.DeleteFunc(slices.Clone(l.Warn), func(before time.Duration) bool { return before >= most })
	return l
}

// NextWarning returns when the next warning is due of a call that has lasted so
// long, both counted from its answer; false if there is none to come.
func (l Limits) NextWarning(lasted time.Duration) (time.Duration, bool) {
	for _, before := range l.Warn {
		if due := l.CallTime - before; due > lasted {
			return due, true
		}
	}
	return 0, false
}
