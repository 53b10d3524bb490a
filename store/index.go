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

// slot stands for one (DID, caller) key: the first 96 bits of its digest, of
// which two among 2^32 are the same with probability 2^-33. The key of the
// digest is drawn at start, so nothing in memory can be matched with a number
// afterwards.
type slot [12]byte

func slotOf(d digest) slot { return slot(d[:len(slot{})]) }

// moment is milliseconds after the time of an id, times two and the lowest bit
// a flag, big-endian. Five bytes are 17 years and need no alignment.
type moment [5]byte

const maxMoment = 1<<39 - 1

func newMoment(ms int64, flag bool) moment {
	v := uint64(ms) << 1
	if flag {
		v |= 1
	}
	return moment{byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

func (m moment) ms() int64 {
	return int64(m[0])<<31 | int64(m[1])<<23 | int64(m[2])<<15 | int64(m[3])<<7 | int64(m[4])>>1
}

func (m moment) flag() bool { return m[4]&1 == 1 }

// entry says which interaction has a slot. It holds no pointer: the collector
// never looks into the index.
type entry struct {
	id mapping.ID
	// expires is rounded up to the millisecond. Its flag says that this is the
	// first slot of its interaction, by which interactions are counted.
	expires moment
}

func newEntry(i *mapping.Interaction) entry {
	life := max(i.ConnectsUntil().Sub(i.ID.Time())+time.Millisecond-1, 0)
	return entry{id: i.ID, expires: newMoment(min(life.Milliseconds(), maxMoment), false)}
}

// ofFirst returns the entry for the first slot of its interaction.
func (e entry) ofFirst() entry {
	e.expires = newMoment(e.expires.ms(), true)
	return e
}

func (e entry) first() bool { return e.expires.flag() }

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
	coolDown atomic.Int64 // for how long a released slot is remembered, in nanoseconds
	shards   [shardCount]shard
	count    atomic.Int64 // live interactions
}

type shard struct {
	mu     sync.RWMutex
	live   map[slot]entry
	held   map[slot]mapping.ID
	rested map[slot]int64 // when it was released, in milliseconds since 1970, rounded up
}

func newIndex(coolDown time.Duration) *index {
	x := &index{}
	x.coolDown.Store(int64(coolDown))
	for i := range x.shards {
		x.shards[i].live = make(map[slot]entry)
		x.shards[i].held = make(map[slot]mapping.ID)
		x.shards[i].rested = make(map[slot]int64)
	}
	return x
}

// kept returns for how long a released slot is remembered.
func (x *index) kept() time.Duration { return time.Duration(x.coolDown.Load()) }

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
	return !rested || !at.Before(time.UnixMilli(released).Add(coolDown))
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
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		sh.held[s] = id
		sh.mu.Unlock()
	}
}

// publish makes the slots of an interaction live.
func (x *index) publish(slots []slot, e entry) {
	for n, s := range slots {
		mine := e
		if n == 0 {
			mine = e.ofFirst()
		}
		sh := x.shard(s)
		sh.mu.Lock()
		x.drop(sh, s)
		sh.live[s] = mine
		delete(sh.held, s)
		delete(sh.rested, s)
		sh.mu.Unlock()
	}
	x.count.Add(1)
}

// hide takes the slots of an interaction from look-ups, but gives them to
// nobody else yet. An interaction that does not have them keeps none.
func (x *index) hide(slots []slot, id mapping.ID) {
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if e, ok := sh.live[s]; ok && e.id == id {
			x.drop(sh, s)
			sh.held[s] = id
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

// rest remembers when a slot was released; the shard is locked.
func (x *index) rest(sh *shard, s slot, at time.Time) {
	if x.kept() > 0 {
		sh.rested[s] = max(sh.rested[s], at.Add(time.Millisecond-1).UnixMilli())
	}
}

// resume lets slots rest that were released before the start.
func (x *index) resume(slots []slot, released time.Time) {
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		x.rest(sh, s, released)
		sh.mu.Unlock()
	}
}

// forget frees the slots that an interaction has or holds.
func (x *index) forget(slots []slot, id mapping.ID) {
	for _, s := range slots {
		sh := x.shard(s)
		sh.mu.Lock()
		if e, ok := sh.live[s]; ok && e.id == id {
			x.drop(sh, s)
		}
		if sh.held[s] == id {
			delete(sh.held, s)
		}
		sh.mu.Unlock()
	}
}

// drop removes a live entry and counts it; the shard is locked.
func (x *index) drop(sh *shard, s slot) {
	if e, ok := sh.live[s]; ok {
		delete(sh.live, s)
		if e.first() {
			x.count.Add(-1)
		}
	}
}

// sweep drops what has expired or has rested, and returns how many
// interactions expired.
func (x *index) sweep(at time.Time) int {
	swept := 0
	for i := range x.shards {
		sh := &x.shards[i]
		sh.mu.Lock()
		for s, e := range sh.live {
			if !e.expired(at) {
				continue
			}
			x.drop(sh, s)
			x.rest(sh, s, e.over())
			if e.first() {
				swept++
			}
		}
		for s, released := range sh.rested {
			if !at.Before(time.UnixMilli(released).Add(x.kept())) {
				delete(sh.rested, s)
			}
		}
		sh.mu.Unlock()
	}
	return swept
}
