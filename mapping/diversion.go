package mapping

import "strconv"

// Diversion is why a party's fallback is rung. Zero: it is not.
type Diversion uint8

// The reasons.
const (
	DiversionNoAnswer     Diversion = iota + 1 // none of its numbers has answered
	DiversionOutsideHours                      // none of them may be rung at this time
	DiversionHook                              // the decision hook says so
)

// String returns the reason as CDRs and the API write it; empty for none.
func (d Diversion) String() string {
	switch d {
	case 0:
		return ""
	case DiversionNoAnswer:
		return "no_answer"
	case DiversionOutsideHours:
		return "outside_hours"
	case DiversionHook:
		return "hook"
	default:
		return "diversion(" + strconv.Itoa(int(d)) + ")"
	}
}

// because tells why; empty for none.
func (d Diversion) because() string {
	switch d {
	case DiversionNoAnswer:
		return ", for nobody else answers"
	case DiversionOutsideHours:
		return ", for its hours are over"
	case DiversionHook:
		return ", as the decision hook says"
	default:
		return ""
	}
}
