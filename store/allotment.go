package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// allotments are how many answered calls there were in each of the latest hours, of
// numbers, DIDs and tenants that may have so many only. All are known by keyed
// digests. Memory is told when a call is over, and the file in the commit of its
// record; what no window has any more is forgotten by both.
type allotments struct {
	digests *mac
	changed atomic.Uint64 // goes up after each call that memory is told of

	mu sync.Mutex
	of map[digest][]hourly // the latest hour last
}

// hourly is the calls of an hour.
type hourly struct {
	hour  mapping.Hour
	calls int
}

func newAllotments(digests *mac) *allotments {
	return &allotments{digests: digests, of: make(map[digest][]hourly)}
}

// debit is what one call takes of allotments: one of each of these, in the hour of
// its answer.
type debit struct {
	hour mapping.Hour
	of   []digest
}

// The uses of digests. A number's is followed by its tenant, who shares no count with
// another.
const (
	numberUse = "number "
	didUse    = "did "
	tenantUse = "tenant "
)

// digest returns by what the calls are known that have this in common.
func (a *allotments) digest(of mapping.Common) digest {
	switch {
	case !of.Number.IsZero():
		return a.digests.number(numberUse+string(of.Tenant), of.Number)
	case of.DID != "":
		return a.digests.text(didUse + string(of.DID))
	default:
		return a.digests.text(tenantUse + string(of.Tenant))
	}
}

// count returns how many calls there were since an hour.
func (a *allotments) count(of mapping.Common, since mapping.Hour) (n int) {
	d := a.digest(of)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, h := range slices.Backward(a.of[d]) {
		if h.hour < since {
			break
		}
		n += h.calls
	}
	return n
}

// add counts a call, or with -1 one that is not to be counted after all.
func (a *allotments) add(d debit, calls int) {
	if len(d.of) == 0 {
		return
	}
	a.mu.Lock()
	for _, of := range d.of {
		a.of[of] = added(a.of[of], d.hour, calls)
	}
	a.mu.Unlock()
}

// added returns the hours with so many calls more in one of them. Calls that are
// answered before others may end after them.
func added(hours []hourly, hour mapping.Hour, calls int) []hourly {
	at, found := slices.BinarySearchFunc(hours, hour, func(h hourly, hour mapping.Hour) int { return int(h.hour) - int(hour) })
	if !found {
		hours = slices.Insert(hours, at, hourly{hour: hour})
	}
	hours[at].calls += calls
	return hours
}

// forget drops what was before an hour, and reports whether there was anything.
func (a *allotments) forget(before mapping.Hour) (any bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for d, hours := range a.of {
		left := slices.IndexFunc(hours, func(h hourly) bool { return h.hour >= before })
		switch {
		case left < 0:
			delete(a.of, d)
		case left > 0:
			a.of[d] = slices.Clone(hours[left:])
		}
		any = any || left != 0
	}
	return any
}

// debit returns what a call takes of once it is over: nothing, unless something
// that it has in common with others is bounded now. A number that its network does
// not vouch for may be anybody's.
func (db *DB) debit(c *mapping.CDR) (d debit) {
	if c.AnsweredAt.IsZero() || c.Interaction.IsZero() {
		return d
	}
	d.hour = mapping.HourOf(c.AnsweredAt)
	add := func(bounds bool, of mapping.Common) {
		if bounds {
			d.of = append(d.of, db.allotments.digest(of))
		}
	}
	pools := db.roster.pools()
	pool, _ := pools.Holding(c.DID)
	add(pool.InAllDID.Bounds(), mapping.Common{DID: c.DID})
	add(pool.InAllNumber.Bounds() && !c.Caller.IsZero() && !c.Doubted, mapping.Common{Number: c.Caller, Tenant: c.Tenant})
	add(pool.InAllNumber.Bounds() && !c.Target.IsZero(), mapping.Common{Number: c.Target, Tenant: c.Tenant})
	add(pools.AllowanceOf(c.Tenant).InAll.Bounds(), mapping.Common{Tenant: c.Tenant})
	return d
}

// allotted returns how to ask what has been had of each allotment.
func (db *DB) allotted(number, did, tenant mapping.Allotment, at time.Time) func(mapping.Common) int {
	return func(of mapping.Common) int {
		a := tenant
		switch {
		case !of.Number.IsZero():
			a = number
		case of.DID != "":
			a = did
		}
		return db.allotments.count(of, a.First(at))
	}
}

// Counted changes whenever one more call counts to those in all: a route that was made
// before may allow too many.
func (db *DB) Counted() uint64 { return db.allotments.changed.Load() }

const hourSize = 4

// post writes what a call takes.
func (d debit) post(t *txn) error {
	for _, of := range d.of {
		key := append(binary.BigEndian.AppendUint32(nil, uint32(d.hour)), of[:]...)
		calls := uint32(1)
		if had := bucketAllotments.in(t.Tx).Get(key); len(had) == hourSize {
			calls += binary.BigEndian.Uint32(had)
		}
		if err := t.put(bucketAllotments, key, binary.BigEndian.AppendUint32(nil, calls)); err != nil {
			return fmt.Errorf("put calls of an hour: %w", err)
		}
	}
	return nil
}

// loadAllotments takes into memory what the file has.
func (db *DB) loadAllotments(tx *bolt.Tx) error {
	return eachAllotment(tx, func(d digest, h hourly) {
		db.allotments.of[d] = append(db.allotments.of[d], h)
	})
}

// eachAllotment visits all, the earliest hours first.
func eachAllotment(tx *bolt.Tx, visit func(digest, hourly)) error {
	return bucketAllotments.in(tx).ForEach(func(key, value []byte) error {
		if len(key) != hourSize+len(digest{}) || len(value) != 4 {
			return fmt.Errorf("%w: calls of an hour can't be read", ErrDamaged)
		}
		visit(digest(key[hourSize:]), hourly{mapping.Hour(binary.BigEndian.Uint32(key)), int(binary.BigEndian.Uint32(value))})
		return nil
	})
}

// sweepAllotments forgets the hours that count no more.
func (db *DB) sweepAllotments(at time.Time) {
	hours := db.roster.pools().AllotmentHours()
	before := mapping.HourOf(at) + 1 - mapping.Hour(hours)
	if db.allotments.forget(before) {
		db.writer.queue.push(&forgetting{before: before}, maxRecords) // else another sweep does
	}
}

// forgetting is the change that drops the hours before one from the file.
type forgetting struct{ before mapping.Hour }

// forgottenAtOnce bounds what one commit drops; what is left is dropped with the next
// hour.
const forgottenAtOnce = 10_000

func (f *forgetting) apply(t *txn) error {
	cursor := bucketAllotments.in(t.Tx).Cursor()
	var keys [][]byte
	for key, _ := cursor.First(); len(key) >= hourSize && len(keys) < forgottenAtOnce; key, _ = cursor.Next() {
		if mapping.Hour(binary.BigEndian.Uint32(key)) >= f.before {
			break
		}
		keys = append(keys, slices.Clone(key))
	}
	for _, key := range keys {
		if err := t.remove(bucketAllotments, key); err != nil {
			return fmt.Errorf("forget calls of an hour: %w", err)
		}
	}
	return nil
}

func (f *forgetting) settle(error) {}
