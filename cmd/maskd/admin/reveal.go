package admin

import (
	"net/http"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Asked is the body of a reveal: why the numbers are to be shown; or, where
// another person has to approve, the request that was approved.
type Asked struct {
	Reason  string `json:"reason,omitempty"`
	Request string `json:"request,omitempty"`
}

// Revealed is the numbers of an interaction's parties in clear.
type Revealed struct {
	ID      string          `json:"id"`
	Parties RevealedParties `json:"parties"`
}

// RevealedParties are the two ends.
type RevealedParties struct {
	A RevealedParty `json:"a"`
	B RevealedParty `json:"b"`
}

// RevealedParty is one end.
type RevealedParty struct {
	Numbers  []PlainNumber `json:"numbers"`
	Fallback PlainNumber   `json:"fallback,omitempty"`
}

// reveal shows the numbers of an interaction, or has that wait until another
// person has approved. The reason is told to the audit log before anybody sees
// them.
func (s *Server) reveal(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Asked
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	i, err := s.store.Interaction(id)
	if err != nil {
		return 0, nil, err
	}
	if asked.Request != "" {
		return s.collect(r, &i, asked)
	}
	a := askerOf(r)
	if wait := s.reveals.take(a.identity(), s.access.Load().Reveals, s.now()); wait > 0 {
		return 0, nil, tooMany("reveals", wait)
	}
	if err := reasoned(r, asked.Reason, numbersIn(&i)...); err != nil {
		return 0, nil, err
	}
	if s.access.Load().Second {
		return s.petition(r, &i, asked.Reason)
	}
	return s.show(r, &i)
}

func (s *Server) show(r *http.Request, i *mapping.Interaction) (int, any, error) {
	s.log.Info("numbers revealed", interaction(i.ID), by(r))
	return http.StatusOK, Revealed{
		ID:      i.ID.Text(mapping.KindInteraction),
		Parties: RevealedParties{A: inClear(i.A), B: inClear(other(i))},
	}, nil
}

func inClear(p mapping.Party) RevealedParty {
	shown := RevealedParty{Numbers: make([]PlainNumber, 0, len(p.Numbers)), Fallback: PlainNumber(p.Hunt.Fallback.Reveal())}
	for _, n := range p.Numbers {
		shown.Numbers = append(shown.Numbers, PlainNumber(n.Reveal()))
	}
	return shown
}

// petition has a reveal wait for another person.
func (s *Server) petition(r *http.Request, i *mapping.Interaction, reason string) (int, any, error) {
	var random [10]byte
	if err := s.draw(random[:]); err != nil {
		return 0, nil, err
	}
	now := s.now()
	p := petition{
		id: mapping.NewID(now, random), interaction: i.ID, tenant: i.Tenant, reason: reason, by: askerOf(r).identity(), until: now.Add(petitionLife),
	}
	if !s.petitions.add(p, now) {
		return 0, nil, newProblem(http.StatusTooManyRequests, "too_many", "", "too many reveals wait to be approved")
	}
	mapping.DeedOf(r.Context()).Action = mapping.ActionRevealAsk
	s.log.Info("reveal asked for", interaction(i.ID), zap.String("request", p.id.Text(kindReveal)), by(r))
	return http.StatusAccepted, viewPetition(p), nil
}

// collect shows, once, what another person has approved, to who has asked for it.
func (s *Server) collect(r *http.Request, i *mapping.Interaction, asked Asked) (int, any, error) {
	if asked.Reason != "" {
		return 0, nil, invalidField("reason", "not_allowed", "expected reason or request, not both")
	}
	id, err := mapping.ParseID(kindReveal, asked.Request)
	if err != nil {
		return 0, nil, errNoPetition
	}
	p, err := s.petitions.take(id, i.ID, askerOf(r).identity(), s.now())
	if err != nil {
		return 0, nil, err
	}
	mapping.DeedOf(r.Context()).Reason = p.reason
	return s.show(r, i)
}
