package admin

import (
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// gate is a mux whose routes are open to whom the table of rights says, and show
// to each what is in his sight.
type gate struct {
	*http.ServeMux
	server *Server
	rights map[string]right
}

func (s *Server) newGate() *gate { return &gate{http.NewServeMux(), s, rights()} }

// Handle routes requests to the handler, behind a guard.
func (g *gate) Handle(pattern string, h http.Handler) {
	t, listed := g.rights[pattern]
	if !listed {
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.server.turnAway(w, r, errNotAllowed) })
	}
	g.ServeMux.Handle(pattern, g.guard(t, h))
}

// HandleFunc routes requests to the function, behind a guard.
func (g *gate) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	g.Handle(pattern, http.HandlerFunc(f))
}

// guard lets in who has the right. What he may not do, or not know of, is told to
// the audit log like what he does.
func (g *gate) guard(t right, h http.Handler) http.Handler {
	if t.anybody {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := g.server.ask(r)
		deed := &mapping.Deed{Actor: a.actor(), Action: t.action, Object: object(t.about, named(r, t.about))}
		r = r.WithContext(mapping.WithDeed(withAsker(r.Context(), a), deed))
		if err == nil {
			err = t.refuses(a)
		}
		if err == nil {
			err = g.server.sees(a, t.about, named(r, t.about))
		}
		if err != nil {
			g.server.turnAway(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// turnAway refuses who has no right to what he asks for, and says so in the log:
// somebody tries doors, or an entry of admin.roles is missing. Who goes on is
// told that it is too often, and nobody else is: he would fill the logs.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status != http.StatusForbidden {
		s.refuse(w, r, s.tell(r, err))
		return
	}
	if wait := s.knocks.take(askerOf(r).identity(), Pace{knocksPerMinute, time.Minute}, s.now()); wait > 0 {
		s.refuse(w, r, tooMany("requests that you may not make", wait))
		return
	}
	s.log.Warn("request turned away", zap.String("pattern", r.Pattern), zap.String("code", p.Code), by(r))
	s.refuse(w, r, s.tell(r, err))
}

// knocksPerMinute is how often somebody is turned away before the logs hear no
// more of it: each who can open the socket could fill the disk.
const knocksPerMinute = 60

// named is what the path names.
func named(r *http.Request, about subject) string {
	if about == aboutDID {
		return r.PathValue("did")
	}
	return r.PathValue("id")
}

// object is what the path names, as the audit log has it. What is no id of ours
// may be anything, a number too.
func object(about subject, name string) mapping.Object {
	switch about {
	case aboutInteraction:
		if id, err := parseID(name, mapping.KindInteraction); err == nil {
			return mapping.ObjectID(mapping.KindInteraction, id)
		}
	case aboutRecording:
		if id, err := parseID(name, mapping.KindRecording); err == nil {
			return mapping.ObjectID(mapping.KindRecording, id)
		}
	case aboutCall:
		if id, err := parseID(name, mapping.KindCall); err == nil {
			return mapping.ObjectID(mapping.KindCall, id)
		}
	}
	return ""
}
