package admin

import (
	"errors"
	"net/http"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/sip"
)

// Origination is the body of a call that the API begins. From is who is rung
// first: a, the default, or b. With Confirm it presses 1 before the other is
// rung, which a voicemail does not.
type Origination struct {
	From    string `json:"from,omitempty"`
	Confirm bool   `json:"confirm,omitempty"`
}

// maxKey bounds an Idempotency-Key, as that of a create is bounded.
const maxKey = 255

// Originated is the answer: the call is about to ring.
type Originated struct {
	ID string `json:"id"`
}

// callInteraction rings one party and then the other. It answers 202: how it goes
// is for GET /v1/calls/{id} to say.
func (s *Server) callInteraction(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Origination
	if err := decodeOptional(r, &asked); err != nil {
		return 0, nil, err
	}
	side, ok := sideOf(asked.From)
	if !ok {
		return 0, nil, invalidField("from", "unknown", "expected a or b")
	}
	key, err := requestKey(r)
	if err != nil {
		return 0, nil, err
	}
	if len(key) > maxKey {
		return 0, nil, invalidField("Idempotency-Key", "too_long", "at most 255 bytes")
	}
	if _, err := s.store.Interaction(id); err != nil {
		return 0, nil, err
	}
	return s.originate(r, sip.Origination{Interaction: id, From: side, Confirm: asked.Confirm}, key)
}

func (s *Server) originate(r *http.Request, o sip.Origination, key string) (int, any, error) {
	call, begun, err := s.clicks.once(key, o, s.now(), s.calls.Originate)
	if err != nil {
		return 0, nil, notBegun(err)
	}
	if begun {
		s.log.Info("call begun", interaction(o.Interaction), zap.String("call", call.Text(mapping.KindCall)), zap.Stringer("from", o.From), by(r))
	}
	return http.StatusAccepted, Originated{ID: call.Text(mapping.KindCall)}, nil
}

// sideOf reads who is rung first.
func sideOf(from string) (mapping.Side, bool) {
	switch from {
	case "", mapping.SideA.String():
		return mapping.SideA, true
	case mapping.SideB.String():
		return mapping.SideB, true
	default:
		return 0, false
	}
}

// notBegun is what a client is told of a call that is not begun. It is no caller:
// it made the interaction, and may know why.
func notBegun(err error) error {
	var refused *sip.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Refusal == mapping.RefusalLoop:
		return newProblem(http.StatusConflict, "too_many_calls", "", "this party has as many calls to the other as may be at once")
	case errors.As(err, &refused):
		return newProblem(http.StatusConflict, "call_refused", "", refused.Refusal.String()+": "+refused.Refusal.Meaning())
	case errors.Is(err, sip.ErrDraining):
		return newProblem(http.StatusServiceUnavailable, "draining", "", "no more calls are taken")
	case errors.Is(err, sip.ErrFull):
		return newProblem(http.StatusServiceUnavailable, "full", "", "no line is free now; try again")
	case errors.Is(err, sip.ErrTrunk):
		return newProblem(http.StatusConflict, "trunk_gone", "", "the trunk of the party's DID has no gateway in the configuration")
	default:
		return err
	}
}
