package mapping

import "strconv"

// State is where an interaction is in its life.
type State uint8

// The states. Draining is a completed interaction whose last call still
// talks; only who knows the live calls can tell, so [Interaction.State] never
// returns it.
const (
	StateActive State = iota + 1
	StateDraining
	StateCompleted
	StateExpired
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
	default:
		return "state(" + strconv.Itoa(int(s)) + ")"
	}
}
