package mapping

import "strconv"

// Answer is what a party has said to being recorded.
type Answer uint8

// The answers. Zero is none yet.
const (
	AnswerYes       Answer = iota + 1 // by key
	AnswerNo                          // by key, when asked
	AnswerWithdrawn                   // later, by key or by way of the API
)

// String returns the answer as CDRs and the API write it; empty for none.
func (a Answer) String() string {
	switch a {
	case 0:
		return ""
	case AnswerYes:
		return "yes"
	case AnswerNo:
		return "no"
	case AnswerWithdrawn:
		return "withdrawn"
	default:
		return "answer(" + strconv.Itoa(int(a)) + ")"
	}
}

// Consent is what there is of it in a call. The zero Consent is a call that
// nobody may record.
type Consent struct {
	Way    Recording
	A, B   Answer
	Told   bool // both have heard what they were to be told, to the end
	Paused bool // by the API or by key, whatever was said
}

// Listens reports whether the call may be recorded now. In doubt it may not.
func (c Consent) Listens() bool {
	if c.Paused || c.Way.Tells() && !c.Told {
		return false
	}
	switch c.Way {
	case RecordingAgreed, RecordingAnnounce, RecordingOptOut:
		return c.A <= AnswerYes && c.B <= AnswerYes
	case RecordingOptIn:
		return c.A == AnswerYes && c.B == AnswerYes
	default:
		return false
	}
}

// Of returns what a side has said.
func (c Consent) Of(s Side) Answer {
	switch s {
	case SideA:
		return c.A
	case SideB:
		return c.B
	default:
		return 0
	}
}

// With returns the consent with the answer of a side. Who has said no once is
// not talked round: only a no replaces a yes, and nothing a no.
func (c Consent) With(s Side, a Answer) Consent {
	if c.Of(s) >= AnswerNo {
		return c
	}
	switch s {
	case SideA:
		c.A = a
	case SideB:
		c.B = a
	}
	return c
}

// Open reports whether a side is still to be asked.
func (c Consent) Open(s Side) bool { return c.Way.Asks() && c.Of(s) == 0 }
