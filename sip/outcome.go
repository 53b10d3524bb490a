package sip

import (
	"maskd/mapping"
	"maskd/sip/leg"
)

// Three tables from a leg's cause to what the CDR says, and one from the CDR's
// refusal to a cause.

// causeOfRefusal returns how a call that is refused ends: each alike, but for a
// loop, in which there is nothing to tell, and a party that is busy, who is one
// (promise 6).
func causeOfRefusal(r mapping.Refusal) leg.Cause {
	switch r {
	case mapping.RefusalLoop:
		return leg.CauseLoop
	case mapping.RefusalBusy:
		return leg.CauseOccupied
	default:
		return leg.CauseRefused
	}
}

// outcomeOf returns how a call went that was not answered.
func outcomeOf(c leg.Cause) mapping.Outcome {
	switch c {
	case leg.CauseBusy:
		return mapping.OutcomeBusy
	case leg.CauseNoAnswer:
		return mapping.OutcomeNoAnswer
	case leg.CauseRefused, leg.CauseLoop, leg.CauseUnproven, leg.CauseOccupied:
		return mapping.OutcomeRefused
	case leg.CauseHangup, leg.CauseCancelled, leg.CauseComplete, leg.CauseOperator, leg.CauseShutdown, leg.CauseLimit:
		return mapping.OutcomeCancelled
	default:
		return mapping.OutcomeFailed
	}
}

// endedByA returns who ended a call that leg A released.
func endedByA(c leg.Cause) mapping.EndedBy {
	if c == leg.CauseLost {
		return mapping.EndedByTimeout
	}
	return mapping.EndedByCaller
}

// endedByFirst returns who ended a call that we began and that leg A released.
func endedByFirst(c leg.Cause) mapping.EndedBy {
	switch by := endedByB(c); by {
	case mapping.EndedByCallee:
		return mapping.EndedByCaller
	default:
		return by
	}
}

// endedByB returns who ended a call that leg B released.
func endedByB(c leg.Cause) mapping.EndedBy {
	switch c {
	case leg.CauseHangup, leg.CauseBusy, leg.CauseNoAnswer:
		return mapping.EndedByCallee
	default:
		return mapping.EndedByFailure
	}
}

// stoppedBy returns who ended a call that was told to stop.
func stoppedBy(c leg.Cause) mapping.EndedBy {
	switch c {
	case leg.CauseLost:
		return mapping.EndedByTimeout
	case leg.CauseRefused, leg.CauseLoop, leg.CauseUnproven, leg.CauseOccupied:
		return mapping.EndedByPolicy
	case leg.CauseLimit:
		return mapping.EndedByLimit
	case leg.CauseComplete:
		return mapping.EndedByComplete
	case leg.CauseOperator:
		return mapping.EndedByOperator
	case leg.CauseShutdown:
		return mapping.EndedByShutdown
	default:
		return mapping.EndedByFailure
	}
}
