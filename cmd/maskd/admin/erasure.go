package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media/recording"
)

// Oblivion is what the API needs of the store to forget.
type Oblivion interface {
	Erase(ctx context.Context, id mapping.ID, at time.Time) (mapping.Tombstone, error)
	EraseCall(ctx context.Context, call mapping.ID, at time.Time) error
	EraseRecording(interaction, call mapping.ID) error
	Hold(ctx context.Context, id mapping.ID, held bool, at time.Time) (mapping.Interaction, error)
	Subject(ctx context.Context, of mapping.Tenant, n mapping.Number) (mapping.Subject, error)
}

// Why is the body of a request that needs a reason.
type Why struct {
	Reason string `json:"reason"`
}

// Erased is the answer to an erasure.
type Erased struct {
	ID         string `json:"id"`
	ErasedAt   Time   `json:"erased_at"`
	CallsEnded int    `json:"calls_ended"`
}

// Person is the body of a request about a person: one of its numbers, and why.
type Person struct {
	Number PlainNumber `json:"number"`
	Reason string      `json:"reason"`
}

// Traces is what there is of a person.
type Traces struct {
	Ref          string   `json:"ref"`
	Interactions []string `json:"interactions"`
	Calls        []string `json:"calls"`
	Recordings   []string `json:"recordings"`
	Held         []string `json:"held,omitempty"` // interactions under a legal hold: what these have is not erased
	// Others are interactions of others that an earlier version has sealed something of the
	// person with. That is not erased with it, but with each of them by its id.
	Others []string `json:"others,omitempty"`
	Blocks []string `json:"blocks,omitempty"` // these stay: without them it could be called again
}

// Dossier is all that there is of a person, to be handed to it. What is another's is
// masked.
type Dossier struct {
	Number       Masked               `json:"number"`
	Interactions []Interaction        `json:"interactions"`
	Calls        []CDR                `json:"calls"`
	Recordings   []recording.Manifest `json:"recordings"`
}

// subjectTimeout bounds a way through all records.
const subjectTimeout = 10 * time.Minute

func (s *Server) routeErasures(mux *gate) {
	mux.Handle("POST /v1/interactions/{id}/erase", s.answer(s.eraseInteraction))
	mux.Handle("POST /v1/interactions/{id}/hold", s.answer(s.hold(true)))
	mux.Handle("POST /v1/interactions/{id}/release", s.answer(s.hold(false)))
	mux.Handle("POST /v1/subjects/find", s.patiently(s.findSubject))
	mux.Handle("POST /v1/subjects/export", s.patiently(s.exportSubject))
	mux.Handle("POST /v1/subjects/erase", s.patiently(s.eraseSubject))
}

// patiently answers what takes longer than other requests may.
func (s *Server) patiently(e endpoint) http.Handler {
	answer := s.answer(e)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(subjectTimeout))
		answer.ServeHTTP(w, r)
	})
}

// eraseInteraction ends an interaction and its calls, and forgets it.
func (s *Server) eraseInteraction(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Why
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	numbers, err := s.numbersOf(id)
	if err != nil {
		return 0, nil, err
	}
	if err := reasoned(r, asked.Reason, numbers...); err != nil {
		return 0, nil, err
	}
	erased, err := s.erase(r, id)
	return http.StatusOK, erased, err
}

// erase ends and forgets an interaction. Its calls end before its key does.
func (s *Server) erase(r *http.Request, id mapping.ID) (Erased, error) {
	ctx, cancel := change(r)
	defer cancel()
	i, err := s.store.Interaction(id)
	switch {
	case errors.Is(err, mapping.ErrNotFound): // it may have been erased before, but for something
	case err != nil:
		return Erased{}, err
	case i.Held:
		return Erased{}, mapping.ErrHeld
	}
	ended := 0
	if err == nil {
		err := s.hide(ctx, id)
		ended = s.calls.End(id) // also if that failed: it is hidden, and in doubt nobody is connected
		if err != nil {
			return Erased{}, err
		}
	}
	stone, err := s.oblivion.Erase(ctx, id, s.now())
	if err != nil {
		return Erased{}, err
	}
	ended += s.calls.End(id) // that came by a reopen in between
	s.discard(id)
	s.log.Info("interaction erased", interaction(id), zap.Int("calls_ended", ended), by(r))
	return Erased{ID: id.Text(mapping.KindInteraction), ErasedAt: Time{stone.ErasedAt}, CallsEnded: ended}, nil
}

// hide completes an interaction that is to be erased, and its callback window if it
// has one: no call begins behind those that are to end.
func (s *Server) hide(ctx context.Context, id mapping.ID) error {
	quiet := mapping.WithDeed(ctx, &mapping.Deed{Actor: mapping.DeedOf(ctx).Actor})
	for {
		i, err := s.store.Complete(quiet, id, "erased", s.now())
		if errors.Is(err, mapping.ErrNotFound) { // somebody else erases it at the same time
			return nil
		}
		if err != nil || !i.Connects(s.now()) {
			return err
		}
	}
}

// discard removes the files of an interaction's recordings, which nobody can open any
// more. What is left behind is noise.
func (s *Server) discard(id mapping.ID) {
	for _, m := range s.recordingsOf(id) {
		s.remove(m)
	}
}

func (s *Server) remove(m recording.Manifest) {
	if err := s.recordings.Remove(m); err != nil {
		s.log.Warn("erased recording not removed", zap.String("recording", m.ID), zap.Error(err))
	}
}

// recordingsOf returns the recordings of an interaction. One whose manifest somebody has
// changed is not among them.
func (s *Server) recordingsOf(id mapping.ID) []recording.Manifest {
	if s.recordings == nil || id.IsZero() {
		return nil
	}
	found, err := s.recordings.Of(id.Text(mapping.KindInteraction))
	if err != nil {
		s.log.Warn("recordings can't be read", interaction(id), zap.Error(err))
	}
	return found
}

// recordingsOfCall returns those of a call.
func (s *Server) recordingsOfCall(c *mapping.CDR) (found []recording.Manifest) {
	for _, m := range s.recordingsOf(c.Interaction) {
		if m.Call == c.Call.Text(mapping.KindCall) {
			found = append(found, m)
		}
	}
	return found
}

// hold puts an interaction under a legal hold, or takes it out.
func (s *Server) hold(held bool) endpoint {
	return func(r *http.Request) (int, any, error) {
		id, err := pathID(r, mapping.KindInteraction)
		if err != nil {
			return 0, nil, err
		}
		var asked Why
		if err := Decode(r.Body, &asked); err != nil {
			return 0, nil, err
		}
		numbers, err := s.numbersOf(id)
		if err != nil {
			return 0, nil, err
		}
		if err := reasoned(r, asked.Reason, numbers...); err != nil {
			return 0, nil, err
		}
		ctx, cancel := change(r)
		defer cancel()
		i, err := s.oblivion.Hold(ctx, id, held, s.now())
		if err != nil {
			return 0, nil, err
		}
		s.log.Info("legal hold", interaction(id), zap.Bool("held", held), by(r))
		return http.StatusOK, s.viewInteraction(i), nil
	}
}

// subject reads who is asked about, and looks for it.
func (s *Server) subject(r *http.Request) (mapping.Number, mapping.Subject, error) {
	var asked Person
	if err := Decode(r.Body, &asked); err != nil {
		return mapping.Number{}, mapping.Subject{}, err
	}
	e164, no := normalise(asked.Number)
	if no != nil {
		return mapping.Number{}, mapping.Subject{}, invalidField("number", no.code, no.reason)
	}
	n, err := mapping.ParseNumber(e164)
	if err != nil {
		return n, mapping.Subject{}, invalidField("number", "not_e164", err.Error())
	}
	if err := reasoned(r, asked.Reason, n); err != nil {
		return n, mapping.Subject{}, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), subjectTimeout)
	defer cancel()
	mapping.DeedOf(ctx).Object = mapping.ObjectRef(s.store.Ref(askerOf(r).tenant(), n))
	found, err := s.oblivion.Subject(ctx, askerOf(r).scope, n)
	return n, found, err
}

func (s *Server) findSubject(r *http.Request) (int, any, error) {
	n, found, err := s.subject(r)
	return http.StatusOK, s.traces(r, n, found), err
}

func (s *Server) traces(r *http.Request, n mapping.Number, of mapping.Subject) Traces {
	t := Traces{Ref: s.store.Ref(askerOf(r).tenant(), n), Interactions: []string{}, Calls: []string{}, Recordings: []string{}}
	for _, i := range of.Interactions {
		t.Interactions = append(t.Interactions, i.ID.Text(mapping.KindInteraction))
		for _, m := range s.recordingsOf(i.ID) {
			t.Recordings = append(t.Recordings, m.ID)
		}
		if i.Held {
			t.Held = append(t.Held, i.ID.Text(mapping.KindInteraction))
		}
	}
	for _, c := range of.Calls {
		t.Calls = append(t.Calls, c.Call.Text(mapping.KindCall))
		if !names(of.Interactions, c.Interaction) {
			for _, m := range s.recordingsOfCall(&c) {
				t.Recordings = append(t.Recordings, m.ID)
			}
		}
	}
	for _, id := range of.Held {
		t.Held = append(t.Held, id.Text(mapping.KindInteraction))
	}
	for _, id := range of.Others {
		t.Others = append(t.Others, id.Text(mapping.KindInteraction))
	}
	for _, id := range of.Blocks {
		t.Blocks = append(t.Blocks, id.Text(mapping.KindBlock))
	}
	return t
}

func (s *Server) exportSubject(r *http.Request) (int, any, error) {
	n, found, err := s.subject(r)
	if err != nil {
		return 0, nil, err
	}
	d := Dossier{Number: s.viewNumber(askerOf(r).tenant(), n), Interactions: []Interaction{}, Calls: []CDR{}, Recordings: []recording.Manifest{}}
	for _, i := range found.Interactions {
		d.Interactions = append(d.Interactions, s.viewInteraction(i))
		d.Recordings = append(d.Recordings, s.recordingsOf(i.ID)...)
	}
	for _, c := range found.Calls {
		d.Calls = append(d.Calls, s.viewCDR(c))
	}
	return http.StatusOK, d, nil
}

// eraseSubject forgets all that there is of a person, but what is under a legal hold,
// what an earlier version has sealed with interactions of others, and that it is
// blocked: the answer says so.
func (s *Server) eraseSubject(r *http.Request) (int, any, error) {
	n, found, err := s.subject(r)
	if err != nil {
		return 0, nil, err
	}
	done := s.traces(r, n, found)
	for _, i := range found.Interactions {
		// A deed of its own, whose reason goes with it: that of the request stays.
		of := asDeed(r, mapping.ActionInteractionErase, mapping.ObjectID(mapping.KindInteraction, i.ID))
		if _, err := s.erase(of, i.ID); err != nil && !errors.Is(err, mapping.ErrHeld) {
			return 0, nil, err
		}
	}
	for _, c := range found.Calls {
		if names(found.Interactions, c.Interaction) {
			continue // its record goes with the interaction
		}
		if err := s.eraseCall(r, &c); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusOK, done, nil
}

// names reports whether an interaction is among those that name a person.
func names(all []mapping.Interaction, id mapping.ID) bool {
	return slices.ContainsFunc(all, func(i mapping.Interaction) bool { return i.ID == id })
}

// eraseCall forgets a call of nobody, or one of a stranger to an interaction of
// others, with its recordings.
func (s *Server) eraseCall(r *http.Request, c *mapping.CDR) error {
	ctx, cancel := change(asDeed(r, mapping.ActionSubjectErase, mapping.ObjectID(mapping.KindCall, c.Call)))
	defer cancel()
	err := s.oblivion.EraseCall(ctx, c.Call, s.now())
	switch {
	case errors.Is(err, mapping.ErrHeld) || errors.Is(err, mapping.ErrNotFound): // sealed with the interaction, or gone
		return nil
	case err != nil:
		return err
	}
	if err := s.oblivion.EraseRecording(c.Interaction, c.Call); err != nil {
		return err
	}
	for _, m := range s.recordingsOfCall(c) {
		s.remove(m)
	}
	return nil
}
