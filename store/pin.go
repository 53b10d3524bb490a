package store

import (
	"time"

	"maskd/mapping"
)

// pinDigits returns a PIN in clear; empty for none. It is the one place in this
// package where one is revealed: what it returns is sealed or hashed by the
// caller and goes nowhere else.
func pinDigits(p mapping.PIN) []byte { return []byte(p.Reveal()) }

// pin writes a PIN.
func (f fields) pin(tag byte, p mapping.PIN) fields { return f.text(tag, string(pinDigits(p))) }

func (v value) pin() (mapping.PIN, error) {
	p, err := mapping.ParsePIN(string(v))
	if err != nil {
		return p, errFields
	}
	return p, nil
}

// AsksUnknown reports whether a caller of the DID who is no party is asked for a
// PIN, and on which trunk the other party then is rung.
func (db *DB) AsksUnknown(did mapping.DID) (trunk string, asks bool) {
	pool, ours := db.roster.serving(did)
	return pool.Trunk, ours && pool.AskUnknown
}

// PoolOf returns the name of the pool that has the DID; empty for none.
func (db *DB) PoolOf(did mapping.DID) string {
	pool, _ := db.roster.serving(did)
	return pool.Name
}

// Prove answers as [DB.Resolve] does, who a call to did is for by a caller who
// has entered a PIN in place of being known by the number that he calls by.
func (db *DB) Prove(did mapping.DID, phone mapping.Number, entered []byte, at time.Time) (mapping.Route, mapping.Refusal) {
	e, ok := db.index.lookup(db.alloc.typedSlot(did, entered, ofPIN))
	if !ok {
		return mapping.Route{}, mapping.RefusalPIN
	}
	i, err := db.Interaction(e.id)
	if err != nil {
		return mapping.Route{}, mapping.RefusalStore
	}
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		if p := i.Party(side); p.DID == did && p.PIN.Matches(entered) {
			return db.route(&i, did, calling{side: side, phone: phone}, at)
		}
	}
	return mapping.Route{}, mapping.RefusalStore
}
