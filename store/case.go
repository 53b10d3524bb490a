package store

import (
	"errors"
	"time"

	"maskd/mapping"
)

// caseOf returns what the decision hook is asked about a call on a route; nil
// if it is not asked. At and Call are for the call to say. A caller who has proved
// only which party he is has the reference of that; a stranger who withholds his
// number has none.
func (db *DB) caseOf(i *mapping.Interaction, did mapping.DID, r *mapping.Route) *mapping.Case {
	if !i.Hook {
		return nil
	}
	caller := r.From
	if known := i.Party(r.Caller).Numbers; caller.IsZero() && len(known) > 0 {
		caller = known[0]
	}
	c := &mapping.Case{
		Matter: mapping.MatterParty, Tenant: i.Tenant, Interaction: i.ID, ExternalID: i.ExternalID, Labels: i.Labels,
		DID: did, Side: r.Caller, Caller: db.Ref(i.Tenant, caller), Fallback: db.Ref(i.Tenant, r.Hunt.Fallback),
	}
	for _, n := range r.Targets {
		c.Targets = append(c.Targets, db.Ref(i.Tenant, n))
	}
	if r.Diverted != 0 {
		c.Fallback = c.Targets[0]
	}
	return c
}

// Unknown returns what the decision hook is asked about a caller for whom there
// is no route; nil if the DID's pool does not want that.
func (db *DB) Unknown(did mapping.DID, caller mapping.Number) *mapping.Case {
	pool, ours := db.roster.serving(did)
	if !ours || !pool.HookUnknown {
		return nil
	}
	return &mapping.Case{Matter: mapping.MatterUnknown, Tenant: pool.Tenant, DID: did, Caller: db.Ref(pool.Tenant, caller)}
}

// Vouched answers as [DB.Resolve] does, who a call to did is for by a caller, with
// whatever number, of whom the decision hook says that he is a party of the interaction: on that
// side, or if it says none, on the one whose DID it is.
func (db *DB) Vouched(did mapping.DID, phone mapping.Number, id mapping.ID, side mapping.Side, at time.Time) (mapping.Route, mapping.Refusal) {
	i, err := db.Interaction(id)
	switch {
	case errors.Is(err, mapping.ErrNotFound):
		return mapping.Route{}, mapping.RefusalHook
	case err != nil:
		return mapping.Route{}, mapping.RefusalStore
	}
	if side == 0 {
		side = i.Dialling(did)
	}
	if side == 0 || i.Party(side).DID != did {
		return mapping.Route{}, mapping.RefusalHook
	}
	route, refusal := db.route(&i, did, calling{side: side, phone: phone}, at)
	route.Case = nil // it has been asked
	return route, refusal
}
