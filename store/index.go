package store

import (
	"sync"
	"sync/atomic"
	"time"

	"maskd/mapping"
)

// shardCount divides the index so that sweeping one part never holds up the
// look-ups of the others. It is the number of values of a slot's first byte.
const shardCount = 256

// moment is milliseconds after the time of an id, times four and two flags in
// the lowest bits, big-endian. Five bytes are 8 years and need no alignment.
type moment [5]byte

const maxMoment = 1<<38 - 1

// marks are the flags of an entry.
type marks uint8

const (
	firstOfAll marks = 1 << iota // of its interaction
	firstOnDID                   // of its interaction on its DID
)

func newMoment(ms int64, m marks) moment {
	v := uint64(ms)<<2 | uint64(m)
	return moment{byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

func (m moment) ms() int64 {
	return int64(m[0])<<30 | int64(m[1])<<22 | int64(m[2])<<14 | int64(m[3])<<6 | int64(m[4])>>2
}

func (m moment) marks() marks { return marks(m[4] & 3) }

// entry says which interaction has a slot. It holds no pointer: the collector
// never looks into the index.
type entry struct {
	id mapping.ID
	// expires is rounded up to the millisecond. Its flags say by which slots
	// interactions are counted.
	expires moment
}

func newEntry(i *mapping.Interaction) entry {
	life := max(i.ConnectsUntil().Sub(i.ID.Time())+time.Millisecond-1, 0)
	return entry{id: i.ID, expires: newMoment(min(life.Milliseconds(), maxMoment), 0)}
}

// of returns the entry for one of the slots of its interaction.
func (e entry) of(slots []slot, n int) entry {
	var m marks
	if n == 0 {
		m |= firstOfAll
	}
	if leads(slots, n) {
		m |= firstOnDID
	}
	e.expires = newMoment(e.expires.ms(), m)
	return e
}

func (e entry) is(m marks) bool { return e.expires.marks()&m != 0 }

// expired reports whether the entry's time is surely over. In its last
// millisecond, and after more than can be counted, only the record can tell.
func (e entry) expired(at time.Time) bool {
	ms := e.expires.ms()
	return ms < maxMoment && at.Sub(e.id.Time()) >= time.Duration(ms)*time.Millisecond
}

// over returns when the entry's time is over, rounded up to the millisecond.
func (e entry) over() time.Time {
	return e.id.Time().Add(time.Duration(e.expires.ms()) * time.Millisecond)
}

// index is who has which slot. A slot is live (look-ups see it), or held (they
// don't, and nobody else is given it): by a create or a complete that is not
// committed yet. One that is neither may be resting.
type index struct {
	coolDown atomic.Int64 // for how long a released slot has to be remembered, in nanoseconds
	lines    *lines
	shards   [shardCount]shard
	size     atomic.Int64 // live interactions
}

type shard struct {
	mu     sync.RWMutex
	live   map[slot]entry
	held   map[slot]mapping.ID
	rested map[slot]int64 // when it was released, in milliseconds since 1970, rounded up
	lapsed []entry        // whose slots others took when they had expired, before a sweep found them
}

func newIndex(coolDown time.Duration, l *lines) *index {
	x := &index{lines: l}
	x.coolDown.Store(int64(coolDown))
	for i := range x.shards {
		x.shards[i].live = make(map[slot]entry)
		x.shards[i].held = make(map[slot]mapping.ID)
		x.shards[i].rested = make(map[slot]int64)
	}
	return x
}

func (x *index) shard(s slot) *shard { return &x.shards[s[0]] }

// lookup returns the live entry of a slot.
func (x *index) lookup(s slot) (entry, bool) {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	e, ok := sh.live[s]
	return e, ok
}

// free reports whether a slot may be given out at the given time: it is neither
// live nor held, and was released as long ago as the cool-down asks.
func (x *index) free(s slot, at time.Time, coolDown time.Duration) bool {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if _, held := sh.held[s]; held {
		return false
	}
	if e, live := sh.live[s]; live {
		return e.expired(at.Add(-coolDown))
	}
	released, rested := sh.rested[s]
	return !rested || coolDown == 0 || !at.Before(time.UnixMilli(released).Add(coolDown))
}

// freeAt returns from when on a slot may be given out if nothing is completed
// before; false if that is unknown.
func (x *index) freeAt(s slot, coolDown time.Duration) (time.Time, bool) {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if _, held := sh.held[s]; held {
		return time.Time{}, false
	}
	if e, live := sh.live[s]; live {
		return e.over().Add(coolDown), true
	}
	if released, rested := sh.rested[s]; rested {
		return time.UnixMilli(released).Add(coolDown), true
	}
	return time.Time{}, true
}

// hold keeps free slots for an interaction that is being made.
func (x *index) hold(slots []slot, id mapping.ID) {
	for n, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		x.keep(sh, slots, n, id)
		sh.mu.Unlock()
	}
}

// publish makes the slots of an interaction live.
func (x *index) publish(slots []slot, e entry) {
	for n, s := range slots {
		mine := e.of(slots, n)
		sh := x.shard(s)
		sh.mu.Lock()
		x.enter(sh, s, mine)
		x.letGo(sh, slots, n, e.id)
		sh.mu.Unlock()
	}
}

// enter makes a slot live; the shard is locked.
func (x *index) enter(sh *shard, s slot, e entry) {
	x.count(s, e, 1)
	if was, ok := sh.live[s]; ok && was.id != e.id && was.is(firstOfAll) {
		sh.lapsed = append(sh.lapsed, was)
	}
	x.drop(sh, s)
	sh.live[s] = e
	delete(sh.rested, s)
}

// hide takes the slots of an interaction from look-ups, but gives them to
// nobody else yet. An interaction that does not have them keeps none, nor one that
// has expired those that its successor holds already.
func (x *index) hide(slots []slot, id mapping.ID) {
	for n, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if e, ok := sh.live[s]; ok && e.id == id {
			if _, held := sh.held[s]; !held {
				x.keep(sh, slots, n, id)
			}
			x.drop(sh, s)
		}
		sh.mu.Unlock()
	}
}

// release frees the slots that an interaction has or holds, and lets them rest
// from the given time on.
func (x *index) release(slots []slot, id mapping.ID, at time.Time) {
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if e, ok := sh.live[s]; (ok && e.id == id) || sh.held[s] == id {
			x.rest(sh, s, at)
		}
		sh.mu.Unlock()
	}
	x.forget(slots, id)
}

// forget frees the slots that an interaction has or holds.
func (x *index) forget(slots []slot, id mapping.ID) {
	for n, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if e, ok := sh.live[s]; ok && e.id == id {
			x.drop(sh, s)
		}
		x.letGo(sh, slots, n, id)
		sh.mu.Unlock()
	}
}

// keep holds a slot, and letGo gives it up; the shard is locked. On its DID an
// interaction is counted while it holds it, too.
func (x *index) keep(sh *shard, slots []slot, n int, id mapping.ID) {
	if sh.held[slots[n]] == id {
		return
	}
	sh.held[slots[n]] = id
	if leads(slots, n) {
		x.lines.of(slots[n]).uses.Add(1)
	}
}

func (x *index) letGo(sh *shard, slots []slot, n int, id mapping.ID) {
	if sh.held[slots[n]] != id {
		return
	}
	delete(sh.held, slots[n])
	if leads(slots, n) {
		x.lines.of(slots[n]).uses.Add(-1)
	}
}

// drop removes a live entry; the shard is locked.
func (x *index) drop(sh *shard, s slot) {
	if e, ok := sh.live[s]; ok {
		delete(sh.live, s)
		x.count(s, e, -1)
	}
}

// count counts a live entry, or counts it no more.
func (x *index) count(s slot, e entry, by int32) {
	if e.is(firstOfAll) {
		x.size.Add(int64(by))
	}
	if e.is(firstOnDID) {
		x.lines.of(s).uses.Add(by)
	}
	if s.kind() == ofExtension {
		x.lines.of(s).asks.Add(by)
	}
}

// sweep drops what has expired or has rested, and returns an entry of each
// interaction that expired.
func (x *index) sweep(at time.Time) (swept []entry) {
	for i := range x.shards {
		sh := &x.shards[i]
		sh.mu.Lock()
		for s, e := range sh.live {
			if !e.expired(at) {
				continue
			}
			x.rest(sh, s, e.over()) // before it is free
			x.drop(sh, s)
			if e.is(firstOfAll) {
				swept = append(swept, e)
			}
		}
		swept = append(swept, sh.lapsed...)
		sh.lapsed = nil
		x.forgetRested(sh, at)
		sh.mu.Unlock()
	}
	return swept
}
