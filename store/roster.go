package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// roster is the DIDs as they are now: the pools of the configuration, and what
// operators have said since. A look-up reads both without a lock.
type roster struct {
	current atomic.Pointer[mapping.Pools]
	known   atomic.Pointer[map[mapping.DID]mapping.Condition] // never changed, only replaced
	mu      sync.Mutex                                        // held to replace either
}

func newRoster(pools *mapping.Pools) *roster {
	r := &roster{}
	r.current.Store(pools)
	r.known.Store(&map[mapping.DID]mapping.Condition{})
	return r
}

func (r *roster) pools() *mapping.Pools { return r.current.Load() }

func (r *roster) condition(did mapping.DID) mapping.Condition { return (*r.known.Load())[did] }

// serving reports the pool of a DID that calls connect by.
func (r *roster) serving(did mapping.DID) (mapping.Pool, bool) {
	pool, ok := r.pools().Holding(did)
	return pool, ok && r.condition(did).Standing != mapping.StandingRetired
}

// put replaces conditions.
func (r *roster) put(conditions map[mapping.DID]mapping.Condition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := maps.Clone(*r.known.Load())
	maps.Copy(all, conditions)
	r.known.Store(&all)
}

// load reads the conditions that the file has.
func (r *roster) load(tx *bolt.Tx) error {
	all := make(map[mapping.DID]mapping.Condition)
	err := bucketNumbers.in(tx).ForEach(func(did, record []byte) error {
		c, err := decodeCondition(record)
		if err != nil {
			return fmt.Errorf("read condition of DID: %w: %w", ErrDamaged, err)
		}
		all[mapping.DID(did)] = c
		return nil
	})
	r.known.Store(&all)
	return err
}

// Pools returns the pools as they are now, by name.
func (db *DB) Pools() []mapping.Pool { return db.roster.pools().All() }

// TenantOf returns whose DID it is; the default tenant's if it is none of ours.
func (db *DB) TenantOf(did mapping.DID) mapping.Tenant { return db.roster.pools().TenantOf(did) }

// Ours reports whether the DID is in a pool now.
func (db *DB) Ours(did mapping.DID) bool {
	_, ours := db.roster.pools().Holding(did)
	return ours
}

// Condition returns what is known of the DID beyond the configuration.
func (db *DB) Condition(did mapping.DID) mapping.Condition { return db.roster.condition(did) }

// Stock returns DIDs in the order of their digits, those after the given one;
// the empty DID is before the first. The limit is at least 1 and at most 1000.
// Only those of the pool and of the standing are listed, where these are given.
func (db *DB) Stock(after mapping.DID, limit int, pool string, standing mapping.Standing, at time.Time) []mapping.Stock {
	var all []mapping.Stock
	pools := db.roster.pools()
	for _, p := range pools.All() {
		if pool != "" && p.Name != pool {
			continue
		}
		for _, did := range p.DIDs {
			c := db.roster.condition(did)
			if did > after && (standing == 0 || c.At(at) == standing) {
				all = append(all, db.stock(did, p.Name, pools.Reserved(did), c))
			}
		}
	}
	slices.SortFunc(all, func(a, b mapping.Stock) int { return strings.Compare(string(a.DID), string(b.DID)) })
	return all[:min(len(all), max(limit, 1), maxPage)]
}

// SetPools replaces the pools, as the configuration has them now. DIDs that it
// adds are given out from now on, and those that it no longer has connect no
// one. A cool-down that is longer than any before holds for what is released
// from now on, and a cap or a new quota counts what is made from now on.
func (db *DB) SetPools(ctx context.Context, pools *mapping.Pools, at time.Time) error {
	news := pools.Newcomers(*db.roster.known.Load(), at.Round(0).UTC())
	if err := db.decree(ctx, &decree{db: db, conditions: news, done: newAnswer()}); err != nil {
		return fmt.Errorf("set pools: %w", err)
	}
	db.alloc.lines.enter(pools)
	db.index.coolDown.Store(int64(max(pools.CoolDown(), db.index.kept())))
	db.roster.current.Store(pools)
	return nil
}

// Instruct carries out what an operator says about a DID, and returns it as it is
// then, durable.
//
// Errors: [mapping.ErrNotOurs], [mapping.InvalidError],
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) Instruct(ctx context.Context, did mapping.DID, o mapping.Order, at time.Time) (mapping.Stock, error) {
	at = at.Round(0).UTC()
	pool, ok := db.roster.pools().Holding(did)
	if !ok {
		return mapping.Stock{}, mapping.ErrNotOurs
	}
	if err := o.Validate(at); err != nil {
		return mapping.Stock{}, err
	}
	told, err := db.testify(ctx, mapping.ActionNumberInstruct, mapping.ObjectDID(did), at)
	if err != nil {
		return mapping.Stock{}, err
	}
	c := o.On(db.roster.condition(did), at)
	d := &decree{db: db, conditions: map[mapping.DID]mapping.Condition{did: c}, told: told, event: changed(did, &pool, c, at), done: newAnswer()}
	if err := db.decree(ctx, d); err != nil {
		return mapping.Stock{}, err
	}
	return db.stock(did, pool.Name, db.roster.pools().Reserved(did), c), nil
}

// changed is the event of what was said of a DID.
func changed(did mapping.DID, p *mapping.Pool, c mapping.Condition, at time.Time) mapping.Event {
	return mapping.Event{At: at, Type: mapping.EventNumberChanged, Tenant: p.Tenant, DID: did, Pool: p.Name, Standing: c.Standing, Until: c.Until}
}

func (db *DB) stock(did mapping.DID, pool string, reserved bool, c mapping.Condition) mapping.Stock {
	live := int(db.alloc.lines.find(did).uses.Load())
	return mapping.Stock{DID: did, Pool: pool, Reserved: reserved, Live: live, Condition: c}
}

// decree is the change that writes conditions of DIDs.
type decree struct {
	db         *DB
	conditions map[mapping.DID]mapping.Condition
	told       *testimony    // nil: nobody is told of it
	event      mapping.Event // with told: tells of it too
	done       answer
}

func (db *DB) decree(ctx context.Context, d *decree) error {
	if len(d.conditions) == 0 {
		return nil
	}
	_, err := db.submit(ctx, d, maxRecords, d.done)
	return err
}

func (d *decree) apply(t *txn) error {
	for did, c := range d.conditions {
		if err := t.put(bucketNumbers, []byte(did), encodeCondition(c)); err != nil {
			return fmt.Errorf("put condition of DID: %w", err)
		}
	}
	if d.told != nil {
		t.announce(d.event)
	}
	return t.hear(d.told)
}

// settle makes committed conditions those that hold.
func (d *decree) settle(err error) {
	if err == nil {
		d.db.roster.put(d.conditions)
	}
	d.told.settled(err)
	d.done.give(err)
}
