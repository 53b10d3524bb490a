package store

import (
	"slices"
	"time"

	"maskd/mapping"
)

// Resolve answers who a call by caller to did is for at the given time: a
// route, or the refusal that says why there is none. Every refusal costs the
// same digest and look-up in memory; only a hit reads its record.
//
// The index merely finds the record. Whether it connects the caller is decided
// on the record, freshly unsealed, and in doubt it does not.
func (db *DB) Resolve(did mapping.DID, caller mapping.Number, at time.Time) (mapping.Route, mapping.Refusal) {
	e, ok := db.find(did, caller)
	switch {
	case caller.IsZero() && !ok:
		return mapping.Route{}, mapping.RefusalNoCaller
	case db.roster.pools().Own(caller):
		return mapping.Route{}, mapping.RefusalLoop
	case !ok:
		return mapping.Route{}, mapping.RefusalUnknown
	case e.expired(at):
		return mapping.Route{}, mapping.RefusalExpired
	}
	i, err := db.bare(e.id)
	if err != nil {
		return mapping.Route{}, mapping.RefusalStore
	}
	side := i.SideOf(did, caller)
	if side == 0 && caller.IsZero() {
		return mapping.Route{}, mapping.RefusalWithheld
	}
	return db.route(&i, did, calling{side, caller, caller}, at)
}

// calling is who calls: on a side, as a number of it, which is zero if he has proved
// only which party he is, and by a phone that may be another's.
type calling struct {
	side        mapping.Side
	from, phone mapping.Number
}

// route decides on an interaction's record.
func (db *DB) route(i *mapping.Interaction, did mapping.DID, by calling, at time.Time) (mapping.Route, mapping.Refusal) {
	side := by.side
	switch i.State(at) {
	case mapping.StateActive, mapping.StateDraining:
	case mapping.StateScheduled:
		return mapping.Route{}, mapping.RefusalScheduled
	case mapping.StateExpired:
		return mapping.Route{}, mapping.RefusalExpired
	case mapping.StateCompleted:
		return mapping.Route{}, mapping.RefusalCompleted
	default:
		return mapping.Route{}, mapping.RefusalStore
	}
	if err := db.recallFor(i, side); err != nil {
		return mapping.Route{}, mapping.RefusalStore
	}
	target := i.Party(side.Other())
	target.Numbers = i.Reached(side)
	pool, dialled := db.roster.serving(did)
	shown, ours := db.roster.serving(target.DID)
	// A DID that left the configuration or is retired is no longer ours to show
	// or to answer.
	if side == 0 || !dialled || !ours || len(target.Numbers) == 0 && !i.Mode.OneSided() {
		return mapping.Route{}, mapping.RefusalStore
	}
	if !i.Direction.Allows(side) {
		return mapping.Route{}, mapping.RefusalDirection
	}
	if len(target.Numbers) == 0 {
		return mapping.Route{}, mapping.RefusalCallback
	}
	reach, refusal := target.Reach(at, db.clocks.almanac(), db.roster.pools().Own, db.barred(i, by))
	if refusal != 0 {
		return mapping.Route{Announced: reach.Announced}, refusal
	}
	route := mapping.Route{
		Interaction: i.ID, Tenant: i.Tenant, Caller: side, From: by.from, Phone: by.phone, Target: reach.Numbers[0], Targets: reach.Numbers, Hunt: reach.Hunt, Diverted: reach.Diverted,
		Show: target.DID, Trunk: shown.Trunk, PIN: i.Party(side).PIN, Record: i.Record, Locales: i.Locales(),
	}
	route.Case = db.caseOf(i, did, &route)
	return route, db.bound(i, did, pool.Policy, &route, at)
}

// bound puts on a route what bounds its call, and tells why there may be none.
func (db *DB) bound(i *mapping.Interaction, did mapping.DID, policy mapping.Policy, route *mapping.Route, at time.Time) mapping.Refusal {
	b := mapping.Bounds{Policy: policy, Allowance: db.roster.pools().AllowanceOf(i.Tenant)}
	route.Counted = db.Counted() // before anything is counted: what comes in between is seen by this
	var err error
	if b.Interaction, err = db.counted(i); err != nil {
		return mapping.RefusalStore
	}
	if b.InAllNumber.Bounds() || b.InAllDID.Bounds() || b.Allowance.InAll.Bounds() {
		b.InAll = db.allotted(b.InAllNumber, b.InAllDID, b.Allowance.InAll, at)
	}
	route.Limits = i.CallLimits(route.Caller, b.Allowance)
	route.Quotas = i.Quotas(did, route, b)
	return mapping.Full(route.Quotas)
}

// Reaching returns what a call to a DID of ours counts to from when it rings a number, of a
// party of that tenant, and when that was made, as [mapping.Route] has it.
func (db *DB) Reaching(did mapping.DID, of mapping.Tenant, n mapping.Number, at time.Time) (quotas []mapping.Quota, counted uint64) {
	pool, _ := db.roster.serving(did)
	b := mapping.Bounds{Policy: pool.Policy}
	if b.AtOnceNumber == 0 && !b.InAllNumber.Bounds() {
		return nil, 0
	}
	counted = db.Counted() // before anything is counted
	b.InAll = db.allotted(b.InAllNumber, mapping.Allotment{}, mapping.Allotment{}, at)
	return b.Reaching(n, of), counted
}

// barred tells which numbers the block list keeps from who calls: by his phone too, for
// neither a PIN nor the decision hook lifts a block of that.
func (db *DB) barred(i *mapping.Interaction, by calling) func(mapping.Number) bool {
	if db.blocks.none() {
		return nobody
	}
	callers := []mapping.Number{by.phone}
	if by.from.IsZero() {
		callers = append(callers, i.Party(by.side).Numbers...)
	}
	return func(target mapping.Number) bool {
		return slices.ContainsFunc(callers, func(c mapping.Number) bool { return db.blocks.bar(i.Tenant, c, target) })
	}
}

func nobody(mapping.Number) bool { return false }

// Renew answers anew, as [DB.Resolve] did when it made the route: much may have
// changed while somebody was asked about it.
func (db *DB) Renew(was *mapping.Route, did mapping.DID, at time.Time) (mapping.Route, mapping.Refusal) {
	i, err := db.Interaction(was.Interaction)
	if err != nil {
		return mapping.Route{}, mapping.RefusalStore
	}
	return db.route(&i, did, calling{was.Caller, was.From, was.Phone}, at)
}

// Live reports whether the interaction connects its parties at the given time.
// It is false from the moment [DB.Complete] has hidden it, before the commit: a
// call that asks once it is where a complete would find it can't slip through.
func (db *DB) Live(id mapping.ID, at time.Time) (live bool) {
	err := db.views.read(func(v *view) error {
		r, err := v.read(db.keys, id)
		if err != nil {
			return err
		}
		defer v.close(r)
		o, err := r.outlined()
		live = err == nil && o.interaction.Connects(at) && db.leads(o)
		return err
	})
	return live && err == nil
}

// leads reports whether look-ups see the interaction.
func (db *DB) leads(o *outline) bool {
	if len(o.a.numbers) == 0 {
		return false
	}
	e, ok := db.index.lookup(db.alloc.writtenSlot(o.a.did, o.a.numbers[0]))
	return ok && e.id == o.interaction.ID
}

// Redirects returns where a caller of the DID who is no party is sent to, if the
// pool says so and the block list nothing against it. He is shown as the DID that
// he has dialled: there is no other. A number that has become one of our DIDs would
// be a call to ourselves.
func (db *DB) Redirects(did mapping.DID, caller mapping.Number) (mapping.Route, bool) {
	pool, ours := db.roster.serving(did)
	if !ours || pool.Redirect.IsZero() || db.roster.pools().Own(pool.Redirect) || db.blocks.bar(pool.Tenant, caller, pool.Redirect) {
		return mapping.Route{}, false
	}
	return mapping.Route{
		Tenant: pool.Tenant, Target: pool.Redirect, Targets: []mapping.Number{pool.Redirect}, Hunt: mapping.Hunt{}.WithDefaults(1),
		Show: did, Trunk: pool.Trunk, Record: mapping.RecordingOff,
	}, true
}
