package admin

import (
	"context"
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// DraftLife is how an interaction that is asked for begins and ends.
type DraftLife struct {
	StartsAt           Time   `json:"starts_at,omitzero"` // left out: at once
	Expiry             string `json:"expiry,omitempty"`   // fixed or sliding: each answered call gives it its life again
	MaxTTLSeconds      *int64 `json:"max_ttl_seconds,omitempty"`
	CallbackSeconds    *int64 `json:"callback_seconds,omitempty"`     // for how long they may call after its completion
	CompleteAfterCalls *int   `json:"complete_after_calls,omitempty"` // answered calls after which it completes itself
}

// domain returns the life in the words of the domain. Bounds are for the
// domain to check, but what is written and means nothing is not a default.
func (l DraftLife) domain() (life mapping.Life, err error) {
	expiry, ok := mapping.ParseExpiry(l.Expiry)
	if !ok {
		return life, invalidField("expiry", "unknown", "expected fixed or sliding")
	}
	life = mapping.Life{StartsAt: l.StartsAt.Time, Expiry: expiry}
	if life.MaxTTL, err = span("max_ttl_seconds", l.MaxTTLSeconds, mapping.MinTTL, mapping.MaxTTL, "from ttl_seconds to 31622400 (366 days)"); err != nil {
		return life, err
	}
	if life.Callback, err = span("callback_seconds", l.CallbackSeconds, 0, mapping.MaxCallback, "from 0 to 604800 (a week)"); err != nil {
		return life, err
	}
	if l.CompleteAfterCalls != nil {
		life.CompleteAfter = *l.CompleteAfterCalls
	}
	return life, nil
}

// span reads seconds that may be left out.
func span(field string, seconds *int64, least, most time.Duration, expected string) (time.Duration, error) {
	if seconds == nil {
		return 0, nil
	}
	if *seconds < int64(least/time.Second) || *seconds > int64(most/time.Second) {
		return 0, invalidField(field, "out_of_range", expected)
	}
	return time.Duration(*seconds) * time.Second, nil
}

// Extension is the body of an extend or a reopen: the end that is asked for.
type Extension struct {
	TTLSeconds *int64 `json:"ttl_seconds,omitempty"` // from now
	ExpiresAt  Time   `json:"expires_at,omitzero"`
}

func (e Extension) domain() (mapping.Extension, error) {
	if (e.TTLSeconds == nil) == e.ExpiresAt.IsZero() {
		return mapping.Extension{}, invalidField("ttl_seconds", "missing", "expected ttl_seconds or expires_at, one of them")
	}
	ttl, err := span("ttl_seconds", e.TTLSeconds, time.Second, mapping.MaxTTL, "from 1 to 31622400 (366 days)")
	return mapping.Extension{TTL: ttl, ExpiresAt: e.ExpiresAt.Time}, err
}

// prolongation is how the store gives an interaction another end.
type prolongation func(ctx context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error)

func (s *Server) extendInteraction(r *http.Request) (int, any, error) {
	return s.prolong(r, "interaction extended", s.store.Extend)
}

func (s *Server) reopenInteraction(r *http.Request) (int, any, error) {
	return s.prolong(r, "interaction reopened", s.store.Reopen)
}

func (s *Server) prolong(r *http.Request, done string, how prolongation) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Extension
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	extension, err := asked.domain()
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, err := how(ctx, id, extension, s.now())
	if err != nil {
		return 0, nil, err
	}
	s.log.Info(done, interaction(id), zap.Time("expires", i.ExpiresAt), by(r))
	return http.StatusOK, s.viewInteraction(i), nil
}
