package admin

import (
	"net/http"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Asked is why something secret is to be shown, or all of a person erased; or, where
// another person has to approve, the request that was approved.
type Asked struct {
	Reason  string `json:"reason,omitempty"`
	Request string `json:"request,omitempty"`
}

// plea is what is asked for so.
type plea struct {
	Asked
	action  mapping.Action
	object  mapping.Object
	part    string           // of it
	tenant  mapping.Tenant   // whose it is; zero: of all
	numbers []mapping.Number // which the reason must not hold
}

// heed counts what is asked for and wants its reason, which is told to the audit log
// before anything is shown. Where another person has to approve, it returns the petition
// that waits, or nil once, if that was approved.
func (s *Server) heed(r *http.Request, p plea) (waiting *Petition, err error) {
	p.action = mapping.DeedOf(r.Context()).Action
	if p.Request != "" {
		return nil, s.collect(r, p)
	}
	access := s.access.Load()
	if wait := s.reveals.take(askerOf(r).identity(), access.Reveals, s.now()); wait > 0 {
		return nil, tooMany("reveals", wait)
	}
	if err := reasoned(r, p.Reason, p.numbers...); err != nil {
		return nil, err
	}
	if !access.Second {
		return nil, nil
	}
	return s.wait(r, p)
}

// wait has a plea wait for another person.
func (s *Server) wait(r *http.Request, asked plea) (*Petition, error) {
	var random [10]byte
	if err := s.draw(random[:]); err != nil {
		return nil, err
	}
	now, a := s.now(), askerOf(r)
	p := petition{
		id: mapping.NewID(now, random), action: asked.action, object: asked.object, tenant: asked.tenant, reason: asked.Reason,
		by: a.person(), until: now.Add(petitionLife),
	}
	if !s.petitions.add(p, now) {
		return nil, newProblem(http.StatusTooManyRequests, "too_many", "", "too many requests wait to be approved")
	}
	mapping.DeedOf(r.Context()).Action = mapping.ActionRevealAsk
	s.log.Info("asked for another person's approval", zap.Stringer("action", p.action), zap.String("object", string(p.object)),
		zap.String("request", p.id.Text(kindReveal)), by(r))
	view := viewPetition(p, a)
	return &view, nil
}

// collect lets be done, once, what another person has approved, by who has asked for it.
func (s *Server) collect(r *http.Request, asked plea) error {
	if asked.Reason != "" {
		return invalidField("reason", "not_allowed", "expected reason or request, not both")
	}
	id, err := mapping.ParseID(kindReveal, asked.Request)
	if err != nil {
		return errNoPetition
	}
	p, err := s.petitions.take(id, asked, askerOf(r).identity(), s.now())
	if err != nil {
		return err
	}
	mapping.DeedOf(r.Context()).Reason = p.reason
	return nil
}
