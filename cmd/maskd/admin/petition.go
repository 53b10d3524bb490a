package admin

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// kindReveal is what the id of a petition names.
const kindReveal mapping.Kind = "rev"

const (
	// petitionLife is how long what is asked for may wait for its approval, and once it
	// is approved, for being done.
	petitionLife = 15 * time.Minute
	// maxPetitions bounds how many wait: people read them.
	maxPetitions = 1000
)

// petition is something that waits for another person: a reveal, the export of a
// recording, what there is of a subject. It is kept in memory only: after a restart it
// has to be asked for again.
type petition struct {
	id         mapping.ID
	action     mapping.Action
	object     mapping.Object
	tenant     mapping.Tenant // whose it is; zero: of all
	reason     string
	by         person // who asks
	approvedBy person // who has approved; zero: nobody
	until      time.Time
	done       []string // parts that were done
}

// Petition is what waits for another person, as the API shows it.
type Petition struct {
	Request     string `json:"request"`
	Action      string `json:"action"`
	Object      string `json:"object"`                // the interaction, the recording, or the reference of the number
	Interaction string `json:"interaction,omitempty"` // of a reveal
	State       string `json:"state"`                 // waiting or approved
	Reason      string `json:"reason"`
	AskedBy     string `json:"asked_by"`
	AskedAt     Time   `json:"asked_at"`
	ApprovedBy  string `json:"approved_by,omitempty"`
	ExpiresAt   Time   `json:"expires_at"`
}

// petitions are those that wait, by id.
type petitions struct {
	mu      sync.Mutex
	waiting map[mapping.ID]petition
}

// add has one more wait; false if there are too many.
func (ps *petitions) add(p petition, at time.Time) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.expire(at)
	if len(ps.waiting) >= maxPetitions {
		return false
	}
	if ps.waiting == nil {
		ps.waiting = make(map[mapping.ID]petition)
	}
	ps.waiting[p.id] = p
	return true
}

// expire forgets those whose time is over; mu is held.
func (ps *petitions) expire(at time.Time) {
	for id, p := range ps.waiting {
		if !at.Before(p.until) {
			delete(ps.waiting, id)
		}
	}
}

// seen returns those that a tenant may know of, the oldest first.
func (ps *petitions) seen(by mapping.Tenant, at time.Time) (found []petition) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.expire(at)
	for _, p := range ps.waiting {
		if by.Sees(p.tenant) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b petition) int { return bytes.Compare(a.id[:], b.id[:]) })
	return found
}

// approve notes that a second person agrees. Agreeing twice is as good as once.
func (ps *petitions) approve(id mapping.ID, who asker, at time.Time) (petition, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.expire(at)
	p, ok := ps.waiting[id]
	switch {
	case !ok || !who.scope.Sees(p.tenant):
		return petition{}, errNoPetition
	case p.by.identity == who.identity():
		return p, errSamePerson
	case p.approvedBy == person{}:
		p.approvedBy, p.until = who.person(), at.Add(petitionLife)
		ps.waiting[id] = p
	}
	return p, nil
}

// take finds one that was approved, for who has asked for it, and for each part of it
// once.
func (ps *petitions) take(id mapping.ID, of plea, who string, at time.Time) (petition, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.expire(at)
	p, ok := ps.waiting[id]
	switch {
	case !ok || p.action != of.action || p.object != of.object || p.tenant != of.tenant || p.by.identity != who || slices.Contains(p.done, of.part):
		return petition{}, errNoPetition
	case p.approvedBy == person{}:
		return p, errNotApproved
	}
	p.done = append(p.done, of.part)
	if ps.waiting[id] = p; of.part == "" {
		delete(ps.waiting, id)
	}
	return p, nil
}

// viewPetition shows a petition to who asks.
func viewPetition(p petition, a asker) Petition {
	v := Petition{
		Request: p.id.Text(kindReveal), Action: p.action.String(), Object: string(p.object), State: state(p),
		Reason: p.reason, AskedBy: p.by.toldTo(a), AskedAt: Time{p.id.Time()}, ApprovedBy: p.approvedBy.toldTo(a), ExpiresAt: Time{p.until},
	}
	if _, is := p.object.Interaction(); is {
		v.Interaction = v.Object
	}
	return v
}

func state(p petition) string {
	if p.approvedBy != (person{}) {
		return "approved"
	}
	return "waiting"
}

func (s *Server) routeReveals(mux router) {
	mux.Handle("POST /v1/interactions/{id}/reveal", s.answer(s.reveal))
	mux.Handle("GET /v1/reveals", s.list(s.listPetitions))
	mux.Handle("POST /v1/reveals/{id}/approve", s.answer(s.approvePetition))
}

func (s *Server) listPetitions(r *http.Request) (int, any, error) {
	w, _, err := readWindow(r, kindReveal)
	if err != nil {
		return 0, nil, err
	}
	a := askerOf(r)
	found := slices.DeleteFunc(s.petitions.seen(a.scope, s.now()), func(p petition) bool {
		return bytes.Compare(p.id[:], w.after[:]) <= 0
	})
	id := func(p petition) string { return p.id.Text(kindReveal) }
	return http.StatusOK, page(found, w.limit, id, func(p petition) Petition { return viewPetition(p, a) }), nil
}

func (s *Server) approvePetition(r *http.Request) (int, any, error) {
	id, err := pathID(r, kindReveal)
	if err != nil {
		return 0, nil, errNoPetition
	}
	a := askerOf(r)
	p, err := s.petitions.approve(id, a, s.now())
	if p.id != (mapping.ID{}) {
		deed := mapping.DeedOf(r.Context())
		deed.Object, deed.Reason = p.object, p.reason
	}
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("request approved", zap.Stringer("action", p.action), zap.String("object", string(p.object)), zap.String("request", p.id.Text(kindReveal)), by(r))
	return http.StatusOK, viewPetition(p, a), nil
}

func (s *Server) draw(random []byte) error {
	if _, err := io.ReadFull(s.rand, random); err != nil {
		return fmt.Errorf("draw id: %w", err)
	}
	return nil
}
