package admin

import (
	"net/http"

	"maskd/mapping"
)

// Question is the body of a lookup: who is a call by Caller to DID for, at
// that time? At is now if it is left out. The decision hook is asked on demand.
type Question struct {
	DID    PlainNumber `json:"did"`
	Caller PlainNumber `json:"caller"`
	At     Time        `json:"at,omitzero"`
	Hook   bool        `json:"hook,omitempty"` // ask the decision hook too, if it would be
}

// Decision is the answer to a lookup: what would happen to the call, and why.
// Nobody is rung and nothing is changed.
type Decision struct {
	Connects    bool   `json:"connects"`
	At          Time   `json:"at"`
	DID         string `json:"did,omitempty"` // if it is one of ours
	Caller      Masked `json:"caller,omitzero"`
	Pool        string `json:"pool,omitempty"`        // that has the DID
	Refusal     string `json:"refusal,omitempty"`     // if it does not connect
	Redirected  Masked `json:"redirected,omitzero"`   // who is rung all the same, because the pool says so
	Interaction string `json:"interaction,omitempty"` // that decided, or the last that had the key
	CallerSide  string `json:"caller_side,omitempty"`
	Target      Masked `json:"target,omitzero"`    // who would be rung
	Diverted    string `json:"diverted,omitempty"` // why the party's fallback would be rung: outside_hours or hook
	Shown       string `json:"shown,omitempty"`    // the DID that the target would see
	Trunk       string `json:"trunk,omitempty"`
	OpensAt     Time   `json:"opens_at,omitzero"` // outside_hours: from when on the other party may be reached
	HookAsked   bool   `json:"hook_asked,omitempty"`
	Steps       []Step `json:"steps"` // in the order in which they were asked
}

// Step is one check that was made, and what it found.
type Step struct {
	Check   string `json:"check"` // caller, did, interaction, life, target or hook
	Passed  bool   `json:"passed"`
	Finding string `json:"finding"` // for people
}

// lookUp is a dry run of the decision about a call. A caller left out is one
// whose number is withheld.
func (s *Server) lookUp(r *http.Request) (int, any, error) {
	var asked Question
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	did, err := asked.did()
	if err != nil {
		return 0, nil, err
	}
	caller, err := asked.caller()
	if err != nil {
		return 0, nil, err
	}
	a := askerOf(r)
	if wait := s.lookups.take(a.identity(), s.access.Load().Lookups, s.now()); wait > 0 {
		return 0, nil, tooMany("look-ups", wait)
	}
	evidence, err := s.explain(a, r, did, caller, asked)
	if err != nil {
		return 0, nil, err
	}
	if asked.Hook {
		s.consult(r.Context(), &evidence)
	}
	of := a.scope
	if of == "" {
		of = s.store.TenantOf(did)
	}
	return http.StatusOK, s.viewDecision(of, caller, &evidence), nil
}

func (q Question) did() (mapping.DID, error) {
	e164, no := normalise(q.DID)
	if no != nil {
		return "", invalidField("did", no.code, no.reason)
	}
	did, err := mapping.ParseDID(e164)
	if err != nil {
		return "", invalidField("did", "not_e164", err.Error())
	}
	return did, nil
}

func (q Question) caller() (mapping.Number, error) {
	if q.Caller == "" {
		return mapping.Number{}, nil
	}
	e164, no := normalise(q.Caller)
	if no != nil {
		return mapping.Number{}, invalidField("caller", no.code, no.reason)
	}
	n, err := mapping.ParseNumber(e164)
	if err != nil {
		return n, invalidField("caller", "not_e164", err.Error())
	}
	return n, nil
}

func (s *Server) viewDecision(of mapping.Tenant, caller mapping.Number, e *mapping.Evidence) Decision {
	d := Decision{
		Connects: e.Refusal == 0, At: Time{e.At}, Caller: s.viewNumber(of, caller), Pool: e.Pool, Refusal: e.Refusal.String(),
		CallerSide: e.Route.Caller.String(), Target: s.viewNumber(of, e.Route.Target), Diverted: e.Route.Diverted.String(), Shown: string(e.Route.Show), Trunk: e.Route.Trunk,
		OpensAt: Time{e.OpensAt}, HookAsked: e.Asked,
		Redirected: s.viewNumber(of, e.Redirect),
	}
	// What is none of our DIDs may be somebody's number.
	if e.Pool != "" {
		d.DID = string(e.DID)
	}
	if e.Interaction != nil {
		d.Interaction = e.Interaction.ID.Text(mapping.KindInteraction)
	}
	for _, step := range e.Explain() {
		d.Steps = append(d.Steps, Step{Check: step.Check.String(), Passed: step.Passed, Finding: step.Finding})
	}
	return d
}
