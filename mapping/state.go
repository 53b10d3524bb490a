package mapping

import "strconv"

// State is where an interaction is in its life.
type State uint8

// The states.
const (
	// StateActive: its parties reach each other.
	StateActive State = iota + 1
	// StateDraining: it is completed, but its parties may still call each other
	// back, or its last call still talks. Of the latter only who knows the live
	// calls can tell: [Interaction.State] knows of the former.
	StateDraining
	// StateCompleted: it was ended.
	StateCompleted
	// StateExpired: its time is over.
	StateExpired
	// StateScheduled: it has its DIDs, and its time has not come.
	StateScheduled
)

// String returns the state as the API writes it.
func (s State) String() string {
	switch s {
	case StateActive:
		return "active"
	case StateDraining:
		return "draining"
	case StateCompleted:
		return "completed"
	case StateExpired:
		return "expired"
	case StateScheduled:
		return "scheduled"
	default:
		return "state(" + strconv.Itoa(int(s)) + ")"
	}
}
