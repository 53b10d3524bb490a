package store

import (
	"context"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// find returns the live entry that decides about a call: that of the caller, or
// else of whoever calls the DID. Both cost the same whether there is one or not.
func (db *DB) find(did mapping.DID, caller mapping.Number) (entry, bool) {
	s := db.alloc.slot(did, caller)
	own, known := db.index.lookup(s)
	open, anyone := db.index.lookup(anybody(db.alloc.lines.of(s)))
	if known {
		return own, true
	}
	return open, anyone
}

// hold is the allocator's, with an extension that is drawn if need be: on a DID
// where it is another's it is drawn again.
func (db *DB) hold(ctx context.Context, d *mapping.Draft, pool *mapping.Pool, id mapping.ID, at time.Time) (i mapping.Interaction, slots []slot, err error) {
	for tries := range mapping.ExtensionTries {
		var drawn mapping.Draft
		if drawn, err = d.WithExtension(db.rand, tries); err != nil {
			return i, nil, err
		}
		i, slots, err = db.alloc.hold(ctx, &drawn, pool, id, at)
		var exhausted *mapping.ExhaustedError
		if !d.DrawsExtension() || !errors.As(err, &exhausted) {
			break
		}
	}
	return i, slots, err
}

// AsksExtension reports whether a caller of the DID who is no party is asked for
// an extension, and on which trunk the other party then is rung.
func (db *DB) AsksExtension(did mapping.DID) (trunk string, asks bool) {
	pool, ours := db.roster.serving(did)
	return pool.Trunk, ours && db.alloc.lines.find(did).asks.Load() > 0
}

// Through answers as [DB.Resolve] does, who a call to did is for by a stranger
// who has keyed in an extension.
func (db *DB) Through(did mapping.DID, caller mapping.Number, keyed []byte, at time.Time) (mapping.Route, mapping.Refusal) {
	e, ok := db.index.lookup(db.alloc.typedSlot(did, keyed, ofExtension))
	if !ok {
		return mapping.Route{}, mapping.RefusalExtension
	}
	i, err := db.bare(e.id)
	if err != nil || i.A.DID != did || !i.Strangers.Extension.Matches(keyed) {
		return mapping.Route{}, mapping.RefusalStore
	}
	return db.route(&i, did, calling{mapping.SideB, caller, caller}, at)
}

// called returns the interaction after a stranger's call came through to its
// party A, and whether that has changed it. A number that nobody vouches for is not
// called back: who shows it would choose whom we ring (promise 9).
func (r *recording) called(i mapping.Interaction) (mapping.Interaction, bool) {
	if r.cdr.CallerSide != mapping.SideB || r.cdr.Refusal != 0 {
		return i, false
	}
	caller := r.cdr.Caller
	if r.cdr.Doubted || !caller.IsZero() && !r.db.callable(caller) {
		caller = mapping.Number{}
	}
	return i.Called(r.cdr.Call, caller, r.cdr.AdmittedAt)
}

// recall fills in who called last. Only the record of his call has his number: once
// that is erased, nobody is called back.
func (db *DB) recall(tx *bolt.Tx, i *mapping.Interaction) error {
	if i.LastCall.Call.IsZero() {
		return nil
	}
	c, err := db.readCDR(tx, i.LastCall.Call)
	if errors.Is(err, mapping.ErrNotFound) {
		return nil
	}
	i.LastCall.Caller = c.Caller
	return err
}

// recallFor fills in who called last, if a call of that side is for him.
func (db *DB) recallFor(i *mapping.Interaction, side mapping.Side) error {
	if side != mapping.SideA || i.LastCall.Call.IsZero() || !i.LastCall.Caller.IsZero() {
		return nil
	}
	return db.file.View(func(tx *bolt.Tx) error { return db.recall(tx, i) })
}

// alone reports whether the DIDs of an interaction are shared with others only
// as its mode allows. The interaction may still have its own slots.
func (a *allocator) alone(i *mapping.Interaction, slots []slot, at time.Time) bool {
	for n, s := range slots {
		if !leads(slots, n) {
			continue
		}
		on := a.lines.of(s)
		if i.Mode != mapping.ModeOpen {
			if !a.index.free(anybody(on), at, 0) {
				return false
			}
			continue
		}
		if on.uses.Load() > a.index.owned(s, i.ID) {
			return false
		}
	}
	return true
}

// owned returns how often an interaction is counted by a slot that leads: once
// if it is live for it, and once if it is held.
func (x *index) owned(s slot, id mapping.ID) (n int32) {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if e, ok := sh.live[s]; ok && e.id == id {
		n++
	}
	if sh.held[s] == id {
		n++
	}
	return n
}

// lineIsFree reports whether the DID may be given to an interaction of the mode
// that is sought for: one that anybody may call has a DID to itself, which has
// rested from whoever had it, for all of them may call again; as may
// whoever called it while anybody could.
func (s *search) lineIsFree(did mapping.DID) bool {
	on := s.alloc.lines.find(did)
	if s.mode != mapping.ModeOpen {
		return s.alloc.index.free(anybody(on), s.at, s.coolDown)
	}
	freed := on.freed.Load()
	return on.uses.Load() == 0 && (s.coolDown == 0 || freed == 0 || !s.at.Before(time.UnixMilli(freed).Add(s.coolDown)))
}

// lineFreeAt returns when it may be, if nothing is completed before; false if
// that is unknown.
func (s *search) lineFreeAt(did mapping.DID) (time.Time, bool) {
	on := s.alloc.lines.find(did)
	switch freed := on.freed.Load(); {
	case s.mode != mapping.ModeOpen:
		return s.alloc.index.freeAt(anybody(on), s.coolDown)
	case on.uses.Load() > 0:
		return time.Time{}, false
	case freed == 0:
		return time.Time{}, true
	default:
		return time.UnixMilli(freed).Add(s.coolDown), true
	}
}

// gathered lets a party that is reached by an extension have a DID on which
// there are others rather than one on which nobody is asked yet.
func (s *search) gathered(rank func(mapping.DID) int, did mapping.DID) int {
	r := 2 * rank(did)
	if s.alloc.lines.find(did).asks.Load() == 0 {
		r++
	}
	return r
}
