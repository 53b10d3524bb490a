package store

import (
	"sync"
	"time"
)

// intake is the start's way into memory. What is restored is laid out by shard,
// and goes in by bursts: a map of millions is nowhere near the processor, and one
// that is asked for a thousand keys in a row is for all but the first. A shard's
// bursts are all taken by one owner and in their order, so that what was made
// last is what stays; the owners work side by side.
type intake struct {
	db     *DB
	owners []chan *burst
	wait   sync.WaitGroup
	spare  sync.Pool

	// The caller's.
	shelves [shardCount]*burst
}

// burstSize is how many slots, or cursors, are taken into a shard at once. All
// shelves together are then 60 MB, for as long as the start takes.
const burstSize = 4096

// burst is what goes into one shard.
type burst struct {
	shard   uint8
	slots   []posting
	cursors []cursor
}

// posting is a slot and who has it, or since when it rests.
type posting struct {
	slot     slot
	entry    entry
	released int64 // in milliseconds since 1970, rounded up; 0 if it is live
}

func newIntake(db *DB, owners int) *intake {
	in := &intake{db: db, spare: sync.Pool{New: func() any { return new(burst) }}}
	for range owners {
		work := make(chan *burst, 2)
		in.owners = append(in.owners, work)
		in.wait.Go(func() { in.own(work) })
	}
	return in
}

// put lays out a batch.
func (in *intake) put(b *batch) {
	slots := b.slots
	for n := range b.restored {
		r := &b.restored[n]
		in.post(slots[:r.slots], r)
		slots = slots[r.slots:]
		for _, c := range r.cursors {
			if c.at > 0 {
				to := in.shelf(c.party[0])
				to.cursors = append(to.cursors, c)
			}
		}
		in.db.alloc.resume(r.policy)
		if r.lapsed {
			in.db.expiries.add(r.entry)
		}
	}
}

func (in *intake) post(slots []slot, r *restored) {
	for n, s := range slots {
		p := posting{slot: s, entry: r.entry}
		if r.released.IsZero() {
			p.entry = r.entry.of(slots, n)
		} else {
			p.released = roundedUp(r.released)
		}
		to := in.shelf(s[0])
		to.slots = append(to.slots, p)
	}
}

// shelf returns the burst that is laid out for a shard, with room for one more.
func (in *intake) shelf(shard uint8) *burst {
	b := in.shelves[shard]
	if b != nil && len(b.slots) < burstSize && len(b.cursors) < burstSize {
		return b
	}
	in.send(b)
	b = in.spare.Get().(*burst)
	b.shard, b.slots, b.cursors = shard, b.slots[:0], b.cursors[:0]
	in.shelves[shard] = b
	return b
}

func (in *intake) send(b *burst) {
	if b != nil {
		in.owners[int(b.shard)%len(in.owners)] <- b
	}
}

// close takes in the rest, and returns when all is taken in.
func (in *intake) close() {
	for _, b := range in.shelves {
		in.send(b)
	}
	for _, work := range in.owners {
		close(work)
	}
	in.wait.Wait()
}

// own takes in the bursts of some shards.
func (in *intake) own(work <-chan *burst) {
	for b := range work {
		in.db.index.load(b.shard, b.slots)
		in.db.alloc.cursors.load(b.shard, b.cursors)
		in.spare.Put(b)
	}
}

// load takes in slots of one shard.
func (x *index) load(shard uint8, all []posting) {
	sh := &x.shards[shard]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range all {
		if p := &all[i]; p.released == 0 {
			x.enter(sh, p.slot, p.entry)
		} else {
			x.rest(sh, p.slot, time.UnixMilli(p.released))
		}
	}
}

// roundedUp returns a time in milliseconds since 1970.
func roundedUp(at time.Time) int64 { return at.Add(time.Millisecond - 1).UnixMilli() }
