package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"maskd/mapping"
)

// createInteraction answers 201, or 200 when the same request was already
// carried out under its external id.
func (s *Server) createInteraction(r *http.Request) (int, any, error) {
	var asked Draft
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	key, err := requestKey(r)
	if err != nil {
		return 0, nil, err
	}
	return s.create(r, asked, key)
}

// requestKey is the name that the client gave its request, by which it can be
// sent again. It stands in quotes or not (draft-ietf-httpapi-idempotency-key-header).
func requestKey(r *http.Request) (string, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := strings.Trim(values[0], `"`)
	if len(values) > 1 || key == "" {
		return "", invalidField("Idempotency-Key", "malformed", "expected one key")
	}
	return key, nil
}

func (s *Server) create(r *http.Request, asked Draft, key string) (int, any, error) {
	draft, err := asked.domain()
	if err != nil {
		return 0, nil, err
	}
	draft.Key, draft.Tenant = key, askerOf(r).tenant()
	if err := s.paceCreates(draft.Tenant); err != nil {
		return 0, nil, err
	}
	if draft.Record > mapping.RecordingOff && s.recordings == nil {
		return 0, nil, invalidField("record", "recording_off", "this daemon records nothing: its configuration has no recording.directory")
	}
	if err := s.hookable(&draft); err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, created, err := s.store.Create(ctx, draft, s.now())
	if err != nil {
		return 0, nil, err
	}
	if !created {
		return http.StatusOK, s.viewInteraction(i), nil
	}
	mapping.DeedOf(r.Context()).Object = mapping.ObjectID(mapping.KindInteraction, i.ID)
	s.log.Info("interaction created", interaction(i.ID), by(r))
	return http.StatusCreated, s.viewInteraction(i).withPINs(&i), nil
}

// completeInteraction hides and commits, then hangs up, then answers.
func (s *Server) completeInteraction(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Completion
	if err := decodeOptional(r, &asked); err != nil {
		return 0, nil, err
	}
	return s.complete(r, id, asked)
}

func (s *Server) complete(r *http.Request, id mapping.ID, how Completion) (int, any, error) {
	end, drain := s.calls.End, how.Calls == "drain"
	switch how.Calls {
	case "", "hangup", "drain":
	case "announce":
		end = s.calls.EndAnnounced
	default:
		return 0, nil, invalidField("calls", "unknown", "expected hangup, drain or announce")
	}
	if err := s.completes(id, how.Reason); err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, err := s.store.Complete(ctx, id, how.Reason, s.now())
	if refused(err) {
		return 0, nil, err
	}
	// A commit that failed left the interaction hidden: its calls end all the
	// same, because in doubt nobody is connected.
	ended := 0
	if !drain {
		ended = end(id)
	}
	if err != nil {
		return 0, nil, err
	}
	state := i.State(s.now())
	if drain {
		state = s.state(&i)
	}
	s.log.Info("interaction completed", interaction(id), zap.Stringer("state", state), zap.Int("calls_ended", ended), by(r))
	return http.StatusOK, Completed{State: state.String(), CallsEnded: ended}, nil
}

// completes looks at the reason of a completion, if there is one.
func (s *Server) completes(id mapping.ID, reason string) error {
	if reason == "" {
		return nil
	}
	numbers, err := s.numbersOf(id)
	if err != nil {
		return err
	}
	return validateReason(reason, numbers...)
}

// refused reports whether the store turned the request down and did nothing.
func refused(err error) bool {
	var invalid *mapping.InvalidError
	return errors.Is(err, mapping.ErrNotFound) || errors.As(err, &invalid)
}

// change is the context of a change. It outlives a client that goes away: a
// change that was begun is carried out whole, the calls of a completed
// interaction included.
func change(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), changeTimeout)
}

func interaction(id mapping.ID) zap.Field {
	return zap.String("interaction", id.Text(mapping.KindInteraction))
}

// byExternalID is a list of one, or of none. Who sees all tenants asks for the
// default one, or says for which.
func (s *Server) byExternalID(a asker, external string) ([]mapping.Interaction, error) {
	i, err := s.store.ByExternalID(a.tenant(), external)
	if errors.Is(err, mapping.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []mapping.Interaction{i}, nil
}
