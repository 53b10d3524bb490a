package admin

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"maskd/mapping"
)

// Ledger keeps account of who asked for what, and what came of it. When Tell
// returns, what is urgent is durable.
type Ledger interface {
	Tell(ctx context.Context, d *mapping.Deed, outcome mapping.AuditOutcome, at time.Time) error
}

// tell tells the ledger what came of a request, and returns what its asker is to
// hear: nothing but that, if nobody could be told.
func (s *Server) tell(r *http.Request, err error) error {
	d := mapping.DeedOf(r.Context())
	if s.ledger == nil || d.Action == 0 || d.IsTold() {
		return err
	}
	outcome := mapping.AuditDone
	switch {
	case err != nil && problemOf(err).Status < http.StatusInternalServerError:
		outcome = mapping.AuditRefused
	case err != nil:
		outcome = mapping.AuditFailed
	}
	ctx, cancel := change(r)
	defer cancel()
	if told := s.ledger.Tell(ctx, d, outcome, s.now()); told != nil && err == nil {
		return fmt.Errorf("tell ledger: %w: %w", mapping.ErrUnavailable, told)
	}
	return err
}
