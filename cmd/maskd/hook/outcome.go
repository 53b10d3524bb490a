package hook

import (
	"errors"
	"strconv"
	"time"

	"maskd/mapping"
)

// Outcome is how a question went, for metrics.
type Outcome uint8

// The outcomes.
const (
	OutcomeConnect     Outcome = iota + 1 // it said so
	OutcomeRefuse                         // it said so
	OutcomeTimeout                        // it took too long
	OutcomeBusy                           // as many questions as may be were open, for as long as it may take
	OutcomeUnreachable                    // no connection, or one that broke
	OutcomeStatus                         // a status other than 200: a redirection, say
	OutcomeAnswer                         // an answer that is none
	OutcomeAbandoned                      // the call has ended first
	OutcomeFallback                       // it said so
)

// String returns the outcome as metrics write it.
func (o Outcome) String() string {
	switch o {
	case OutcomeConnect:
		return "connect"
	case OutcomeRefuse:
		return "refuse"
	case OutcomeTimeout:
		return "timeout"
	case OutcomeBusy:
		return "busy"
	case OutcomeUnreachable:
		return "unreachable"
	case OutcomeStatus:
		return "status"
	case OutcomeAnswer:
		return "bad_answer"
	case OutcomeAbandoned:
		return "abandoned"
	case OutcomeFallback:
		return "fallback"
	default:
		return "outcome(" + strconv.Itoa(int(o)) + ")"
	}
}

// Meter hears how questions went. Many goroutines call it.
type Meter interface {
	Asked(o Outcome, took time.Duration)
}

func outcomeOf(r mapping.Ruling, err error) Outcome {
	switch {
	case err == nil && r.Verdict == mapping.VerdictConnect:
		return OutcomeConnect
	case err == nil && r.Verdict == mapping.VerdictFallback:
		return OutcomeFallback
	case err == nil:
		return OutcomeRefuse
	case errors.Is(err, ErrAbandoned):
		return OutcomeAbandoned
	case errors.Is(err, ErrBusy):
		return OutcomeBusy
	case errors.Is(err, ErrTimeout):
		return OutcomeTimeout
	case errors.Is(err, ErrStatus):
		return OutcomeStatus
	case errors.Is(err, ErrAnswer):
		return OutcomeAnswer
	default:
		return OutcomeUnreachable
	}
}
