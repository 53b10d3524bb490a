package admin

import (
	"net/http"
	"time"

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
	Direction      *string        `json:"direction,omitempty"`
	Callback       *string        `json:"callback,omitempty"`
	CallbackNumber *PlainNumber   `json:"callback_number,omitempty"`
	Withheld       *string        `json:"withheld,omitempty"`
	Parties        RevisedParties `json:"parties,omitzero"`
}

// RevisedParties are the two ends.
type RevisedParties struct {
	A RevisedParty `json:"a,omitzero"`
	B RevisedParty `json:"b,omitzero"`
}

// RevisedParty is one end.
type RevisedParty struct {
	DoNotDisturb *bool        `json:"do_not_disturb,omitempty"` // it is not reached
	Ring         *string      `json:"ring,omitempty"`
	RingSeconds  *int64       `json:"ring_seconds,omitempty"` // 0: what is usual
	Fallback     *PlainNumber `json:"fallback,omitempty"`     // empty: nobody
	Locale       *string      `json:"locale,omitempty"`       // in which it is spoken to; empty: as to who names none
	PartyLimits
}

// reviser reads a revision. It keeps the first error, which is that of the first
// field that can't be.
type reviser struct {
	named Draft // what of the interaction is shown to everybody, and may hold no number
	err   error
}

// revised reads what a field says, if it is there.
func revised[W, T any](r *reviser, written *W, read func(W) (T, error)) *T {
	if written == nil || r.err != nil {
		return nil
	}
	v, err := read(*written)
	if err != nil {
		r.err = err
		return nil
	}
	return &v
}

// worded reads a field that is one of some words, of which there is no default.
func worded[T any](field, expected string, parse func(string) (T, bool)) func(string) (T, error) {
	return func(text string) (v T, err error) {
		v, ok := parse(text)
		if !ok || text == "" {
			return v, invalidField(field, "unknown", expected)
		}
		return v, nil
	}
}

// seconds reads a field that is a time.
func seconds(field string, least, most time.Duration, expected string) func(int64) (time.Duration, error) {
	return func(s int64) (time.Duration, error) {
		if s == 0 {
			return 0, nil
		}
		return span(field, &s, least, most, expected)
	}
}

// number reads a field that is a number, or empty for none.
func (r *reviser) number(field string) func(PlainNumber) (mapping.Number, error) {
	return func(written PlainNumber) (mapping.Number, error) {
		if written == "" {
			return mapping.Number{}, nil
		}
		return r.named.number(field, written)
	}
}

// domain returns the revision of an interaction in the words of the domain. Bounds
// are for the domain to check.
func (r Revision) domain(of *mapping.Interaction) (mapping.Revision, error) {
	in := &reviser{named: Draft{ExternalID: of.ExternalID, Labels: of.Labels}}
	change := mapping.Revision{
		CallTime: revised(in, r.MaxCallSeconds, seconds("max_call_seconds", 0, mapping.MaxCallTime, callBounds)),
		Warn:     revised(in, r.WarnSeconds, warnings),
		Warned:   revised(in, r.Warn, audience),
		AtOnce:   r.MaxCallsAtOnce, Calls: r.MaxCalls,
		Direction: revised(in, r.Direction, worded("direction", "expected both, a_to_b or b_to_a", mapping.ParseDirection)),
		Strangers: mapping.StrangersRevision{
			Callback: revised(in, r.Callback, worded("callback", "expected last_caller, fallback or refuse", mapping.ParseCallback)),
			Fallback: revised(in, r.CallbackNumber, in.number("callback_number")),
			Withheld: revised(in, r.Withheld, worded("withheld", "expected connect or refuse", mapping.ParseWithheld)),
		},
		A: r.Parties.A.domain(in, "parties.a"),
		B: r.Parties.B.domain(in, "parties.b"),
	}
	if in.err == nil && change.IsZero() {
		in.err = invalidField("", "missing", "expected something to change")
	}
	return change, in.err
}

func (p RevisedParty) domain(in *reviser, party string) mapping.PartyRevision {
	return mapping.PartyRevision{
		Quiet:    p.DoNotDisturb,
		Ring:     revised(in, p.Ring, worded(party+".ring", "expected sequence or all", mapping.ParseRing)),
		RingTime: revised(in, p.RingSeconds, seconds(party+".ring_seconds", mapping.MinRingTime, mapping.MaxRingTime, ringBounds)),
		Fallback: revised(in, p.Fallback, in.number(party+".fallback")),
		Locale:   revised(in, p.Locale, func(text string) (mapping.Locale, error) { return locale(party, text) }),
		CallTime: revised(in, p.MaxCallSeconds, seconds(party+".max_call_seconds", 0, mapping.MaxCallTime, callBounds)),
		Calls:    p.MaxCalls,
	}
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
	i, err := s.store.Interaction(id)
	if err != nil {
		return 0, nil, err
	}
	revision, err := asked.domain(&i)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, err = s.store.Revise(ctx, id, revision, s.now())
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("interaction revised", interaction(i.ID), by(r))
	return http.StatusOK, s.viewInteraction(i), nil
}
