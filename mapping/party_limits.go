package mapping

import "time"

// PartyLimits bound the calls that a party makes, beside those that bound all of its
// interaction. What is zero bounds nothing.
type PartyLimits struct {
	CallTime time.Duration // from the answer on
	Calls    int           // answered ones in all
}

func (l PartyLimits) validate(party string) error {
	switch {
	case l.CallTime != 0 && (l.CallTime < MinCallTime || l.CallTime > MaxCallTime):
		return invalid(party+".max_call_seconds", "out_of_range", "from 10 to 86400 (a day), or 0 for no limit")
	case l.Calls < 0 || l.Calls > MaxCalls:
		return invalid(party+".max_calls", "out_of_range", "from 0 (no limit) to 1000000")
	default:
		return nil
	}
}

// CallLimits returns the limits of a call that a side makes.
func (i *Interaction) CallLimits(caller Side, of Allowance) Limits {
	return i.Limits.within(i.Party(caller).Limits.CallTime, of.CallTime)
}

// Tally is answered calls of an interaction: how many, and how many each party made.
type Tally struct{ All, A, B int }

// By returns how many a side made.
func (t Tally) By(s Side) int {
	switch s {
	case SideA:
		return t.A
	case SideB:
		return t.B
	default:
		return 0
	}
}

// plus counts one more, that a side made.
func (t Tally) plus(s Side) Tally {
	t.All++
	switch s {
	case SideA:
		t.A++
	case SideB:
		t.B++
	}
	return t
}

// Counts reports whether there may be only so many calls of the interaction, or of
// one of its parties.
func (i *Interaction) Counts() bool {
	return i.Limits.Calls > 0 || i.A.Limits.Calls > 0 || i.B.Limits.Calls > 0
}

// Spent reports whether there have been all the calls that a party may make: those
// that are counted in the record, and others that are not yet.
func (i *Interaction) Spent(caller Side, uncounted Tally) bool {
	most, own := i.Limits.Calls, i.Party(caller).Limits.Calls
	return most > 0 && i.Calls.All+uncounted.All >= most || own > 0 && i.Calls.By(caller)+uncounted.By(caller) >= own
}

// Interrupted returns the interaction after an answered call that a side made was cut
// by a crash, and whether that has changed it: it is one of the calls that it may
// have, but none after which it completes itself.
func (i Interaction) Interrupted(caller Side) (Interaction, bool) {
	if !i.Counts() || !i.CompletedAt.IsZero() {
		return i, false
	}
	i.Calls = i.Calls.plus(caller)
	return i, true
}
