package admin

import (
	"net/http"
	"strconv"

	"maskd/audit"
	"maskd/mapping"
)

// A tenant sees of the audit log what its own people did, and what others did to what is
// its own: that, but not who of the house it was, nor why. Proofs, exports and checkpoints
// are of the whole log, and the house's.

// maxOversight is how many entries are looked at for one page: a log of the house may
// have millions between two of a tenant. Who asks goes on from there.
const maxOversight = 20_000

// listOversight lists entries that concern a tenant.
func (s *Server) listOversight(a asker, from int64, limit int) (int, any, error) {
	found := Page[audit.Entry]{Data: []audit.Entry{}}
	for looked := 0; looked < maxOversight; {
		rows, err := s.audit.Rows(from, maxLimit)
		if err != nil {
			return 0, nil, err
		}
		if len(rows) == 0 {
			return http.StatusOK, Page[audit.Entry]{Data: found.Data}, nil
		}
		for i := range rows {
			e, concerns := s.overseen(a, &rows[i])
			if concerns && len(found.Data) == limit {
				return http.StatusOK, found, nil
			}
			found.Next = strconv.FormatUint(rows[i].Entry.Index, 10)
			if concerns {
				found.Data = append(found.Data, e)
			}
		}
		looked += len(rows)
		from = int64(rows[len(rows)-1].Entry.Index) + 1
	}
	return http.StatusOK, found, nil
}

// overseen returns an entry as a tenant sees it, if it concerns the tenant.
func (s *Server) overseen(a asker, r *audit.Row) (audit.Entry, bool) {
	e := &r.Entry
	switch {
	case audit.IsPruned(r.Leaf):
		return audit.Entry{}, false
	case e.Actor.Tenant == string(a.scope) && !e.Actor.House:
		return r.View(), true
	case e.Actor.Tenant != string(a.scope) && !s.concerns(a, e.Object):
		return audit.Entry{}, false
	default:
		v := r.View()
		v.Actor, v.Reason, v.Erased = audit.Actor{Way: e.Actor.Way.String(), Role: e.Actor.Role.String()}, "", false
		return v, true
	}
}

// concerns reports whether an object of the log is a tenant's: an interaction, a call or
// a recording that is still there.
func (s *Server) concerns(a asker, of mapping.Object) bool {
	name := string(of)
	for about, kind := range map[subject]mapping.Kind{
		aboutInteraction: mapping.KindInteraction, aboutCall: mapping.KindCall, aboutRecording: mapping.KindRecording,
	} {
		if _, err := mapping.ParseID(kind, name); err == nil {
			return s.sees(a, about, name) == nil
		}
	}
	return false
}
