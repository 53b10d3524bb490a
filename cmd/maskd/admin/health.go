package admin

import (
	"fmt"
	"net/http"

	"maskd/mapping"
)

// Health is the answer of /livez and /readyz.
type Health struct {
	Status string `json:"status"` // "ok"
}

func (s *Server) health() http.Handler {
	mux := http.NewServeMux()
	s.routeHealth(mux)
	return s.observe(refuseUnknown(mux))
}

// router is a mux, guarded or not.
type router interface{ Handle(string, http.Handler) }

func (s *Server) routeHealth(mux router) {
	mux.Handle("GET /livez", s.answer(live))
	mux.Handle("GET /readyz", s.answer(s.ready))
	if s.meter != nil {
		mux.Handle("GET /metrics", s.meter.handler())
	}
}

// live says that the process answers; a supervisor restarts one that does not.
func live(*http.Request) (int, any, error) { return http.StatusOK, Health{"ok"}, nil }

// ready says that calls are taken and the store can be read; a load balancer
// passes over a node where that is not so.
func (s *Server) ready(*http.Request) (int, any, error) {
	if s.calls.Draining() {
		return 0, nil, newProblem(http.StatusServiceUnavailable, "draining", "", "no new calls are taken; those that are up go on")
	}
	if _, err := s.store.InteractionsOf("", mapping.ID{}, 1); err != nil {
		return 0, nil, fmt.Errorf("read store: %w: %w", mapping.ErrUnavailable, err)
	}
	return http.StatusOK, Health{"ok"}, nil
}
