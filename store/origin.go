package store

import (
	"time"

	"maskd/mapping"
)

// Origin returns how a party of the interaction is rung in a call that begins
// with it: on the trunk of the DID that it dials itself, which it is shown. The
// refusal is that of the call that it would make by that DID.
func (db *DB) Origin(id mapping.ID, side mapping.Side, at time.Time) (mapping.Route, mapping.Refusal) {
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Route{}, mapping.RefusalStore
	}
	party := i.Party(side)
	if len(party.Numbers) == 0 {
		return mapping.Route{}, mapping.RefusalStore
	}
	if _, refusal := db.route(&i, party.DID, calling{side: side}, at); refusal != 0 {
		return mapping.Route{}, refusal
	}
	numbers, refusal := db.summoned(&i, side, at)
	if refusal != 0 {
		return mapping.Route{}, refusal
	}
	own, _ := db.roster.serving(party.DID)
	return mapping.Route{Interaction: id, Tenant: i.Tenant, Caller: side, Target: numbers[0], Show: party.DID, Trunk: own.Trunk}, 0
}

// summoned returns the numbers of a party that may be rung now, for the other's
// sake, or why none may: it has hours and blocks, and may not be disturbed,
// whoever asks.
func (db *DB) summoned(i *mapping.Interaction, side mapping.Side, at time.Time) ([]mapping.Number, mapping.Refusal) {
	party := i.Party(side)
	reach, refusal := party.Reach(at, db.clocks.almanac(), db.roster.pools().Own, db.barred(i, calling{side: side.Other()}))
	if refusal == 0 && reach.Diverted != 0 { // it is the party that is to talk
		refusal = mapping.RefusalOutsideHours
	}
	return reach.Numbers, refusal
}
