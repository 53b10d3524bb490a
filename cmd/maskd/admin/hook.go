package admin

import (
	"context"

	"maskd/mapping"
)

// Hook is what the API needs of the decision hook.
type Hook interface {
	// Rule answers a case; an error is a refusal.
	Rule(ctx context.Context, c mapping.Case) (mapping.Ruling, error)
}

// hookable refuses what asks for a hook where there is none: each of its calls
// would be refused.
func (s *Server) hookable(d *mapping.Draft) error {
	if d.Hook && s.hook == nil {
		return invalidField("hook", "not_configured", "there is no hook in the configuration: each call would be refused")
	}
	return nil
}

// consult has the decision hook rule on what would connect, as if somebody called.
func (s *Server) consult(ctx context.Context, e *mapping.Evidence) {
	if e.Refusal != 0 || e.Route.Case == nil {
		return
	}
	matter := *e.Route.Case
	matter.At, e.Asked = e.At, true
	if s.hook == nil {
		e.Refusal = mapping.RefusalHook
		return
	}
	ruling, err := s.hook.Rule(ctx, matter)
	if err != nil {
		e.Refusal = mapping.RefusalHook
		return
	}
	e.Route, e.Refusal = e.Route.Under(ruling)
}
