package admin

import (
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// endpoint answers one kind of request: a status and what to say as JSON, or
// an error.
type endpoint func(r *http.Request) (status int, body any, err error)

func (s *Server) routes() http.Handler {
	mux := s.newGate()
	mux.Handle("POST /v1/interactions", s.answer(s.createInteraction))
	mux.HandleFunc("POST /v1/interactions:batch", s.batch)
	mux.Handle("GET /v1/interactions", s.list(s.listInteractions))
	mux.Handle("GET /v1/interactions/{id}", s.answer(s.showInteraction))
	mux.Handle("PATCH /v1/interactions/{id}", s.answer(s.reviseInteraction))
	mux.Handle("POST /v1/interactions/{id}/complete", s.answer(s.completeInteraction))
	mux.Handle("POST /v1/lookup", s.answer(s.lookUp))
	mux.Handle("POST /v1/interactions/{id}/hours", s.answer(s.changeHours))
	mux.Handle("POST /v1/interactions/{id}/extend", s.answer(s.extendInteraction))
	mux.Handle("POST /v1/interactions/{id}/reopen", s.answer(s.reopenInteraction))
	mux.Handle("POST /v1/interactions/{id}/call", s.answer(s.callInteraction))
	mux.Handle("GET /v1/calls", s.list(s.listCalls))
	mux.Handle("GET /v1/calls/{id}", s.answer(s.showCall))
	mux.Handle("GET /v1/calls/{id}/trace", s.answer(s.traceCall))
	mux.Handle("POST /v1/calls/{id}/hangup", s.answer(s.hangUpCall))
	mux.Handle("GET /v1/trunks", s.list(s.listTrunks))
	mux.Handle("POST /v1/reload", s.answer(s.reload))
	mux.Handle("POST /v1/drain", s.answer(s.drain))
	mux.Handle("GET /v1/cdrs", s.list(s.listCDRs))
	mux.HandleFunc("POST /v1/cdrs/export", s.exportCDRs)
	s.routeReveals(mux)
	s.routeAudit(mux)
	s.routeNumbers(mux)
	s.routeRecordings(mux)
	s.routeBlocks(mux)
	s.routeErasures(mux)
	s.routeEvents(mux)
	s.routeHealth(mux)
	return s.observe(refuseUnknown(mux.ServeMux))
}

// answer makes an endpoint a handler. This is where errors end.
func (s *Server) answer(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		status, body, err := e(r)
		if err = s.tell(r, err); err == nil {
			write(w, "application/json", status, body)
			return
		}
		s.refuse(w, r, err)
	})
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, s.problem(r, err))
}

// problem is what the client is told of an error, and the log of a failure.
func (s *Server) problem(r *http.Request, err error) *Problem {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", zap.String("code", p.Code), zap.Error(err), by(r))
	}
	return p
}

func write(w http.ResponseWriter, mediaType string, status int, body any) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	// A client that has gone away is no error of ours, and there is nobody
	// left to tell.
	_ = encode(w, body)
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	if p.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfterSeconds))
	}
	write(w, "application/problem+json", p.Status, p)
}

// refuseUnknown answers paths and methods that are not routed with problems,
// where the mux alone would answer in plain text.
func refuseUnknown(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		verdict := verdict{header: make(http.Header)}
		refusal.ServeHTTP(&verdict, r)
		if verdict.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", verdict.header.Get("Allow"))
			writeProblem(w, newProblem(verdict.status, "method_not_allowed", "", "this path does not take that method"))
			return
		}
		writeProblem(w, newProblem(http.StatusNotFound, "no_such_path", "", "there is no such path in this API"))
	})
}

// verdict is a response of which only status and header matter.
type verdict struct {
	header http.Header
	status int
}

func (v *verdict) Header() http.Header         { return v.header }
func (v *verdict) Write(b []byte) (int, error) { return len(b), nil }
func (v *verdict) WriteHeader(status int)      { v.status = status }

// observe logs every request by its pattern, never its path or query, which
// hold what the client sent; and survives a handler that panics.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := &observed{ResponseWriter: w}
		defer func() {
			if recover() != nil { // its value may hold anything
				s.log.Error("request panicked", zap.String("pattern", r.Pattern), zap.Stack("stack"), by(r))
				writeProblem(seen, problemOf(errPanicked))
			}
			s.log.Debug("request", zap.String("method", method(r)), zap.String("pattern", r.Pattern),
				zap.Int("status", seen.status), zap.Duration("took", time.Since(begun)), by(r))
		}()
		next.ServeHTTP(seen, r)
	})
}

// method is the method if it is one we know; any other is a text of the client.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch:
		return r.Method
	default:
		return "other"
	}
}

// observed remembers the status.
type observed struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends and remembers the status.
func (o *observed) WriteHeader(status int) {
	o.status = status
	o.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines be set and answers be flushed (http.ResponseController).
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// pathID reads the id in the path. One that can't be read names nothing.
func pathID(r *http.Request, kind mapping.Kind) (mapping.ID, error) {
	return parseID(r.PathValue("id"), kind)
}

func parseID(text string, kind mapping.Kind) (mapping.ID, error) {
	id, err := mapping.ParseID(kind, text)
	if err != nil {
		return mapping.ID{}, mapping.ErrNotFound
	}
	return id, nil
}
