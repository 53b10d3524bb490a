package mapping

import "strconv"

// Recording is whether the calls of an interaction are recorded, and who has to
// agree to it.
type Recording uint8

// The ways. Where they are told or asked, nothing is recorded before both have
// heard it to the end.
const (
	RecordingOff      Recording = iota + 1 // never
	RecordingAgreed                        // both have agreed elsewhere, as in a contract: they are told nothing
	RecordingAnnounce                      // both are told
	RecordingOptIn                         // if both press the key that says yes
	RecordingOptOut                        // unless one presses the key that says no
)

// String returns the way as the API writes it.
func (r Recording) String() string {
	switch r {
	case RecordingOff:
		return "off"
	case RecordingAgreed:
		return "agreed"
	case RecordingAnnounce:
		return "announce"
	case RecordingOptIn:
		return "opt_in"
	case RecordingOptOut:
		return "opt_out"
	default:
		return "recording(" + strconv.Itoa(int(r)) + ")"
	}
}

// ParseRecording reads a way as the API writes it; the empty text is none, for
// the pool to say.
func ParseRecording(s string) (Recording, bool) { return calledOr(s, RecordingOff, RecordingOptOut, 0) }

// Tells reports whether the parties hear of it in the call.
func (r Recording) Tells() bool { return r >= RecordingAnnounce }

// Asks reports whether the parties are to answer with a key.
func (r Recording) Asks() bool { return r == RecordingOptIn || r == RecordingOptOut }
