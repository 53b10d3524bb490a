package admin

import (
	"net/http"

	"maskd/mapping"
)

// Revision is the body of a PATCH: what of an interaction changes while it lives.
// What is left out stays as it is; a 0 takes a limit away.
type Revision struct {
	MaxCallSeconds *int64         `json:"max_call_seconds,omitempty"`
	WarnSeconds    *[]int64       `json:"warn_seconds,omitempty"`
	Warn           *string        `json:"warn,omitempty"`
	MaxCallsAtOnce *int           `json:"max_calls_at_once,omitempty"`
	MaxCalls       *int           `json:"max_calls,omitempty"`
	Parties        RevisedParties `json:"parties,omitzero"`
}

// RevisedParties are the two ends.
type RevisedParties struct {
	A RevisedParty `json:"a,omitzero"`
	B RevisedParty `json:"b,omitzero"`
}

// RevisedParty is one end.
type RevisedParty struct {
	DoNotDisturb *bool `json:"do_not_disturb,omitempty"` // it is not reached
}

func (r Revision) domain() (revised mapping.Revision, err error) {
	revised = mapping.Revision{
		AtOnce: r.MaxCallsAtOnce, Calls: r.MaxCalls, QuietA: r.Parties.A.DoNotDisturb, QuietB: r.Parties.B.DoNotDisturb,
	}
	if r.MaxCallSeconds != nil {
		limit, err := span("max_call_seconds", r.MaxCallSeconds, 0, mapping.MaxCallTime, callBounds)
		if err != nil {
			return revised, err
		}
		revised.CallTime = &limit
	}
	if r.WarnSeconds != nil {
		warn, err := warnings(*r.WarnSeconds)
		if err != nil {
			return revised, err
		}
		revised.Warn = &warn
	}
	if r.Warn != nil {
		who, err := audience(*r.Warn)
		if err != nil {
			return revised, err
		}
		revised.Warned = &who
	}
	if revised.IsZero() {
		return revised, invalidField("", "missing", "expected something to change")
	}
	return revised, nil
}

// reviseInteraction changes what the calls to come may do.
func (s *Server) reviseInteraction(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Revision
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	revision, err := asked.domain()
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, err := s.store.Revise(ctx, id, revision, s.now())
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("interaction revised", interaction(i.ID), by(r))
	return http.StatusOK, s.viewInteraction(i), nil
}
