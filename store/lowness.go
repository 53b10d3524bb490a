package store

import (
	"context"
	"fmt"
	"time"

	"maskd/mapping"
)

// countedAtOnce is how many DIDs are looked at while no create is served.
const countedAtOnce = 500

// TellLow tells which pools have got few DIDs that could be given to a party that has
// none, and returns when that is durable. It is for one goroutine. What can't be told
// now is told the next time; what was told before a restart is told again.
func (db *DB) TellLow(ctx context.Context, at time.Time) error {
	for _, p := range db.roster.pools().All() {
		was := db.low[p.Name]
		free, all := db.alloc.stock(&p, at)
		is := p.IsLow(was, free, all)
		if is && !was {
			e := mapping.Event{At: at.Round(0).UTC(), Type: mapping.EventPoolLow, Tenant: p.Tenant, Pool: p.Name}
			if err := db.Announce(ctx, e, nil); err != nil {
				return fmt.Errorf("tell of low pool: %w", err)
			}
		}
		db.low[p.Name] = is
	}
	return nil
}

// stock counts the DIDs of a pool that anybody might be given, and those that a party
// could be that has none. A pool of which nobody is told has none.
func (a *allocator) stock(pool *mapping.Pool, at time.Time) (free, all int) {
	if pool.Low == 0 {
		return 0, 0
	}
	s := &search{alloc: a, pool: pool, mode: mapping.ModePair, at: at, coolDown: pool.CoolDown}
	s.firm = true // others are let in here
	reserved := a.roster.pools().Reserved
	for dids := pool.DIDs; len(dids) > 0; dids = dids[min(countedAtOnce, len(dids)):] {
		a.mu.Lock()
		for _, did := range dids[:min(countedAtOnce, len(dids))] {
			if reserved(did) {
				continue
			}
			if all++; s.free(&seeker{}, did) {
				free++
			}
		}
		a.mu.Unlock()
	}
	return free, all
}
