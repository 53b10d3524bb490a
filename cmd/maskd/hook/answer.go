package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"maskd/mapping"
)

// ErrAnswer is an answer that is none: it can't be read, has a field that nobody
// knows, or does not fit the question.
var ErrAnswer = errors.New("answer of the decision hook is malformed")

// maxAnswer bounds an answer: it is a word and a number.
const maxAnswer = 4 << 10

// answer is what the hook says.
type answer struct {
	Decision    string `json:"decision"`                   // connect, refuse or fallback
	TargetIndex *int   `json:"target_index,omitempty"`     // of the question's targets, the one that is rung
	Interaction string `json:"interaction,omitempty"`      // to unknown_caller: whose party he is
	Side        string `json:"side,omitempty"`             // of it, if both sides dial the DID
	CallTime    *int64 `json:"max_call_seconds,omitempty"` // what the call may last, if the interaction does not say less
	Record      string `json:"record,omitempty"`           // off, agreed, announce, opt_in or opt_out: whether the call is recorded
}

// decode reads an answer to a case. What it says beyond what we understand may be
// meant to restrict the call, so that an unknown field is no answer.
func decode(body []byte, c *mapping.Case) (mapping.Ruling, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var a answer
	if err := d.Decode(&a); err != nil {
		return mapping.Ruling{}, ErrAnswer // that of the decoder may quote anything
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return mapping.Ruling{}, ErrAnswer
	}
	r, ok := a.ruling()
	if !ok || !r.Answers(c) {
		return mapping.Ruling{}, ErrAnswer
	}
	return r, nil
}

func (a answer) ruling() (r mapping.Ruling, ok bool) {
	if r.Verdict, ok = mapping.ParseVerdict(a.Decision); !ok {
		return r, false
	}
	if r.Record, ok = mapping.ParseRecording(a.Record); !ok {
		return r, false
	}
	if a.CallTime != nil {
		if r.CallTime, ok = callTime(*a.CallTime); !ok {
			return r, false
		}
	}
	if a.TargetIndex != nil {
		r.Picks, r.Target = true, *a.TargetIndex
	}
	if a.Interaction != "" {
		id, err := mapping.ParseID(mapping.KindInteraction, a.Interaction)
		if err != nil {
			return r, false
		}
		r.Interaction = id
	}
	switch a.Side {
	case "":
	case mapping.SideA.String():
		r.Side = mapping.SideA
	case mapping.SideB.String():
		r.Side = mapping.SideB
	default:
		return r, false
	}
	return r, true
}

// callTime returns how long a call may last; a call of no time is none.
func callTime(seconds int64) (time.Duration, bool) {
	if seconds < 1 || seconds > int64(mapping.MaxCallTime/time.Second) {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}
