package admin

import (
	"net/http"
	"slices"
	"strings"

	"maskd/mapping"
	"maskd/media/recording"
	"maskd/sip"
)

// A tenant sees what is its own. What is another's is answered as what there is
// not at all, by the same problem.

// sees fails as for what there is not if what the path names is not in the
// asker's sight.
func (s *Server) sees(a asker, about subject, name string) error {
	if a.scope == "" {
		return nil
	}
	switch about {
	case aboutInteraction:
		id, err := parseID(name, mapping.KindInteraction)
		if err != nil {
			return err
		}
		return s.seesInteraction(a, id)
	case aboutCall:
		id, err := parseID(name, mapping.KindCall)
		if err != nil {
			return err
		}
		return s.seesCall(a, id)
	case aboutRecording:
		id, err := parseID(name, mapping.KindRecording)
		if err != nil {
			return err
		}
		m, err := s.recorded(id)
		if err != nil {
			return err
		}
		return s.seesManifest(a, &m)
	case aboutDID:
		return s.seesDID(a, mapping.DID(name))
	default:
		return nil
	}
}

func (s *Server) seesInteraction(a asker, id mapping.ID) error {
	i, err := s.store.Interaction(id)
	if err == nil && !a.scope.Sees(i.Tenant) {
		err = mapping.ErrNotFound
	}
	return err
}

func (s *Server) seesCall(a asker, id mapping.ID) error {
	if live, ok := s.calls.Call(id); ok {
		if !a.scope.Sees(s.tenantOf(live)) {
			return mapping.ErrNotFound
		}
		return nil
	}
	cdr, err := s.store.CDR(id)
	if err == nil && !a.scope.Sees(cdr.Tenant) {
		err = mapping.ErrNotFound
	}
	return err
}

// seesManifest reports whether a recording is of an interaction in the asker's
// sight.
func (s *Server) seesManifest(a asker, m *recording.Manifest) error {
	if a.scope == "" {
		return nil
	}
	id, err := parseID(m.Interaction, mapping.KindInteraction)
	if err != nil {
		return err
	}
	return s.seesInteraction(a, id)
}

func (s *Server) seesDID(a asker, did mapping.DID) error {
	if !a.scope.Sees(s.store.TenantOf(did)) {
		return mapping.ErrNotOurs
	}
	return nil
}

// tenantOf returns whose call it is: that of its interaction, or until it has one,
// whose DID was dialled.
func (s *Server) tenantOf(c sip.CallInfo) mapping.Tenant {
	if c.Tenant != "" {
		return c.Tenant
	}
	return s.store.TenantOf(c.DID)
}

// liveCalls returns the calls in the asker's sight.
func (s *Server) liveCalls(a asker) []sip.CallInfo {
	live := s.calls.Calls()
	if a.scope == "" {
		return live
	}
	return slices.DeleteFunc(live, func(c sip.CallInfo) bool { return !a.scope.Sees(s.tenantOf(c)) })
}

// pools returns the pools in the asker's sight.
func (s *Server) pools(a asker) []mapping.Pool {
	return slices.DeleteFunc(s.numbers.Pools(), func(p mapping.Pool) bool { return !a.scope.Sees(p.Tenant) })
}

// stock lists DIDs in the asker's sight, as [Numbers] does.
func (s *Server) stock(a asker, after mapping.DID, limit int, pool string, standing mapping.Standing) []mapping.Stock {
	if a.scope == "" {
		return s.numbers.Stock(after, limit, pool, standing, s.now())
	}
	var all []mapping.Stock
	for _, p := range s.pools(a) {
		if pool == "" || pool == p.Name {
			all = append(all, s.numbers.Stock(after, limit, p.Name, standing, s.now())...)
		}
	}
	slices.SortFunc(all, func(a, b mapping.Stock) int { return strings.Compare(string(a.DID), string(b.DID)) })
	return all[:min(len(all), limit)]
}

// explain is what the store says of a call, as far as it is in the asker's sight.
// A DID of another tenant is to him what is no DID at all.
func (s *Server) explain(a asker, r *http.Request, did mapping.DID, caller mapping.Number, question Question) (mapping.Evidence, error) {
	at := question.At.Time
	if at.IsZero() {
		at = s.now()
	}
	if !a.scope.Sees(s.store.TenantOf(did)) {
		did = ""
	}
	e, err := s.store.Explain(r.Context(), did, caller, at)
	if err == nil && e.Interaction != nil && !a.scope.Sees(e.Interaction.Tenant) { // whose the DID was before
		return s.store.Explain(r.Context(), "", caller, at)
	}
	return e, err
}
