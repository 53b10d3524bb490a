package store

import (
	"time"

	"maskd/mapping"
)

// occupancy is which interactions have each DID, and until when. It is kept
// for pools that cap them.
type occupancy map[mapping.DID]map[mapping.ID]time.Time

// take counts an interaction on its DIDs.
func (o occupancy) take(i *mapping.Interaction) {
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		if o[did] == nil {
			o[did] = make(map[mapping.ID]time.Time)
		}
		o[did][i.ID] = i.ConnectsUntil()
	}
}

// leave counts it no more.
func (o occupancy) leave(i *mapping.Interaction) {
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		delete(o[did], i.ID)
	}
}

// full reports whether as many interactions as may have the DID do. Those that
// have expired are forgotten on the way.
func (o occupancy) full(did mapping.DID, limit int, at time.Time) bool {
	if limit == 0 || len(o[did]) < limit {
		return false
	}
	for id, until := range o[did] {
		if !at.Before(until) {
			delete(o[did], id)
		}
	}
	return len(o[did]) >= limit
}

// freeAt returns when the DID will be full no more; zero if it is not.
func (o occupancy) freeAt(did mapping.DID, limit int, at time.Time) (first time.Time) {
	if !o.full(did, limit, at) {
		return time.Time{}
	}
	for _, until := range o[did] {
		if first.IsZero() || until.Before(first) {
			first = until
		}
	}
	return first
}
