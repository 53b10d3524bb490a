package store

import (
	"time"

	"maskd/mapping"
)

// stretch keeps the slots that an interaction has at the given time, and its
// place under a cap, for as long as it connects now. It never keeps them for
// less long, so that one that is not committed after all does no harm. It
// reports false, and changes nothing, if the interaction has lost a slot.
func (a *allocator) stretch(i *mapping.Interaction, slots []slot, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range slots {
		if !a.index.has(s, i.ID, at) {
			return false
		}
	}
	a.index.amend(slots, newEntry(i), false)
	a.occupied.move(i, false)
	a.census.move(i, false)
	return true
}

// shorten keeps the slots that an interaction has for as long as it connects
// now, and that is committed.
func (a *allocator) shorten(i *mapping.Interaction, slots []slot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.index.amend(slots, newEntry(i), true)
	a.occupied.move(i, true)
	a.census.move(i, true)
}

// reclaim holds the slots of an interaction that is to be active again. It
// changes nothing if they can't be had: [mapping.ErrTaken] if one is another's,
// or a DID is full, retired or gone; a [mapping.QuotaError] if its tenant has as
// many as it may.
func (a *allocator) reclaim(i *mapping.Interaction, slots []slot, pool *mapping.Pool, at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range slots {
		if !a.index.has(s, i.ID, at) && !a.index.free(s, at, 0) {
			return mapping.ErrTaken
		}
	}
	if !a.alone(i, slots, at) {
		return mapping.ErrTaken
	}
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		if serving, ok := a.roster.serving(did); !ok || serving.Tenant != i.Tenant || a.occupied.full(did, pool.MaxPairs, at) {
			return mapping.ErrTaken
		}
	}
	if err := a.census.room(i.Tenant, a.roster.pools().AllowanceOf(i.Tenant).MaxLive, at); err != nil {
		return err
	}
	a.index.hold(slots, i.ID)
	if pool.MaxPairs > 0 {
		a.occupied.take(i)
	}
	a.count(i)
	return nil
}

// yield gives back what [allocator.reclaim] held for an interaction that stays as it was. No
// other reopen has made it active meanwhile: to that its slots were taken.
func (a *allocator) yield(i *mapping.Interaction, slots []slot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.index.unhold(slots, i.ID)
	a.occupied.move(i, true)
	a.census.move(i, true)
}

// has reports whether the slot is live for the interaction at the given time.
func (x *index) has(s slot, id mapping.ID, at time.Time) bool {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	_, held := sh.held[s]
	e, live := sh.live[s]
	return live && !held && e.id == id && !e.expired(at)
}

// amend lets the live slots of an interaction expire when its entry says; sooner
// than before only if that is meant.
func (x *index) amend(slots []slot, e entry, sooner bool) {
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if was, ok := sh.live[s]; ok && was.id == e.id && (sooner || e.expires.ms() > was.expires.ms()) {
			sh.live[s] = entry{id: e.id, expires: newMoment(e.expires.ms(), was.expires.marks())}
		}
		sh.mu.Unlock()
	}
}

// unhold gives up what is held for an interaction, but not what is live.
func (x *index) unhold(slots []slot, id mapping.ID) {
	for n, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		x.letGo(sh, slots, n, id)
		sh.mu.Unlock()
	}
}

// move lets an interaction that is counted on its DIDs stay for as long as it
// connects now; sooner than before only if that is meant.
func (o occupancy) move(i *mapping.Interaction, sooner bool) {
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		if until, counted := o[did][i.ID]; counted && (sooner || i.ConnectsUntil().After(until)) {
			o[did][i.ID] = i.ConnectsUntil()
		}
	}
}
