package admin

import (
	"context"
	"errors"
	"net/http"
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
	Hold(ctx context.Context, id mapping.ID, by mapping.LegalHold, at time.Time) (mapping.Interaction, error)
	Release(ctx context.Context, id mapping.ID, by mapping.LegalHold, at time.Time) (mapping.Interaction, error)
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

func (s *Server) routeErasures(mux *gate) {
	mux.Handle("POST /v1/interactions/{id}/erase", s.answer(s.eraseInteraction))
	mux.Handle("POST /v1/interactions/{id}/hold", s.answer(s.hold(true)))
	mux.Handle("POST /v1/interactions/{id}/release", s.answer(s.hold(false)))
	mux.Handle("POST /v1/subjects/find", s.patiently(s.about(s.findSubject)))
	mux.Handle("POST /v1/subjects/export", s.patiently(s.about(s.exportSubject)))
	mux.Handle("POST /v1/subjects/erase", s.patiently(s.about(s.eraseSubject)))
}

// eraseInteraction ends an interaction and its calls, and forgets it.
func (s *Server) eraseInteraction(r *http.Request) (int, any, error) {
	id, err := s.justified(r)
	if err != nil {
		return 0, nil, err
	}
	erased, err := s.erase(r, id)
	return http.StatusOK, erased, err
}

// justified returns the interaction that a request names, and takes its reason into the
// audit log.
func (s *Server) justified(r *http.Request) (mapping.ID, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return id, err
	}
	var asked Why
	if err := Decode(r.Body, &asked); err != nil {
		return id, err
	}
	numbers, err := s.numbersOf(id)
	if err != nil {
		return id, err
	}
	return id, reasoned(r, asked.Reason, numbers...)
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
	case i.Held.Any():
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

// hold puts an interaction under a legal hold, or releases it: for the house, or for the
// tenant whose it is.
func (s *Server) hold(held bool) endpoint {
	return func(r *http.Request) (int, any, error) {
		id, err := s.justified(r)
		if err != nil {
			return 0, nil, err
		}
		ctx, cancel := change(r)
		defer cancel()
		do, who := s.oblivion.Release, mapping.HoldHouse
		if held {
			do = s.oblivion.Hold
		}
		if askerOf(r).scope != "" {
			who = mapping.HoldTenant
		}
		i, err := do(ctx, id, who, s.now())
		if err != nil {
			return 0, nil, err
		}
		s.log.Info("legal hold", interaction(id), zap.Bool("held", held), zap.Strings("of", who.Holders()), by(r))
		return http.StatusOK, s.viewInteraction(i), nil
	}
}
