package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"maskd/mapping"
	"maskd/media/recording"
)

// Person is the body of a request about a person: one of its numbers, and why.
type Person struct {
	Number PlainNumber `json:"number"`
	Asked
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

// patiently answers what takes longer than other requests may.
func (s *Server) patiently(e endpoint) http.Handler {
	answer := s.answer(e)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(subjectTimeout))
		answer.ServeHTTP(w, r)
	})
}

// about reads who is asked about, and looks for it.
func (s *Server) about(do func(*http.Request, mapping.Number, mapping.Subject) (int, any, error)) endpoint {
	return func(r *http.Request) (int, any, error) {
		n, asked, err := readPerson(r)
		if err != nil {
			return 0, nil, err
		}
		a := askerOf(r)
		object := mapping.ObjectRef(s.store.Ref(a.tenant(), n))
		mapping.DeedOf(r.Context()).Object = object
		waiting, err := s.heed(r, plea{Asked: asked, object: object, tenant: a.scope, numbers: []mapping.Number{n}})
		if err != nil || waiting != nil {
			return http.StatusAccepted, waiting, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), subjectTimeout)
		defer cancel()
		found, err := s.oblivion.Subject(ctx, a.scope, n)
		if err != nil {
			return 0, nil, err
		}
		return do(r, n, found)
	}
}

func readPerson(r *http.Request) (n mapping.Number, why Asked, err error) {
	var asked Person
	if err := Decode(r.Body, &asked); err != nil {
		return n, why, err
	}
	e164, no := normalise(asked.Number)
	if no != nil {
		return n, why, invalidField("number", no.code, no.reason)
	}
	if n, err = mapping.ParseNumber(e164); err != nil {
		return n, why, invalidField("number", "not_e164", err.Error())
	}
	return n, asked.Asked, nil
}

func (s *Server) findSubject(r *http.Request, n mapping.Number, found mapping.Subject) (int, any, error) {
	return http.StatusOK, s.traces(r, n, found), nil
}

func (s *Server) traces(r *http.Request, n mapping.Number, of mapping.Subject) Traces {
	t := Traces{Ref: s.store.Ref(askerOf(r).tenant(), n), Interactions: []string{}, Calls: []string{}, Recordings: []string{}}
	for _, i := range of.Interactions {
		t.Interactions = append(t.Interactions, i.ID.Text(mapping.KindInteraction))
		for _, m := range s.recordingsOf(i.ID) {
			t.Recordings = append(t.Recordings, m.ID)
		}
		if i.Held.Any() {
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

func (s *Server) exportSubject(r *http.Request, n mapping.Number, found mapping.Subject) (int, any, error) {
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
func (s *Server) eraseSubject(r *http.Request, n mapping.Number, found mapping.Subject) (int, any, error) {
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
