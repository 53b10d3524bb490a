package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"maskd/mapping"
)

// Announce has an event told of what is no change of the store, and in the same
// commit the audit entry of the same, if there is one. It returns when both are
// durable.
//
// Errors: [mapping.InvalidError], [mapping.ErrUnavailable], or that of the context.
func (db *DB) Announce(ctx context.Context, e mapping.Event, entry *mapping.AuditEntry) error {
	a := &announcement{db: db, event: e, done: newAnswer()}
	if entry != nil {
		told := *entry
		if err := db.complement(&told); err != nil {
			return err
		}
		a.entry = &told
	}
	_, err := db.submit(ctx, a, maxRecords, a.done)
	return err
}

// announcement is the change that tells an event, and nothing else but an audit entry.
type announcement struct {
	db    *DB
	event mapping.Event
	entry *mapping.AuditEntry // nil: there is none
	done  answer              // nil: nobody waits
}

func (a *announcement) apply(t *txn) error {
	t.announce(a.event)
	if a.entry == nil {
		return nil
	}
	return t.tell(a.entry)
}

func (a *announcement) settle(err error) {
	switch {
	case a.done != nil:
		a.done.give(err)
	case err != nil:
		a.db.fault(fmt.Errorf("write event: %w", err))
	}
}

// announceCall tells what has become of a call of which that was told.
func (t *txn) announceCall(c *mapping.CDR, told mapping.Milestones, at time.Time) {
	for e := range c.News(told, at) {
		t.announce(e)
	}
}

// alarmPause is how often it is told that a pool has no DID for somebody: who goes
// on asking is not told each time.
const alarmPause = time.Minute

// alarms is when that was last told of each pool.
type alarms struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// due reports whether it is to be told now.
func (a *alarms) due(pool string, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, told := a.last[pool]; told && at.Sub(last) < alarmPause {
		return false
	}
	if a.last == nil {
		a.last = make(map[string]time.Time)
	}
	a.last[pool] = at
	return true
}

// exhausted tells that a create found no DID, and returns its error. The create does
// not wait for it.
func (db *DB) exhausted(err error, p *mapping.Pool, at time.Time) error {
	var none *mapping.ExhaustedError
	if errors.As(err, &none) && db.alarms.due(p.Name, at) {
		e := mapping.Event{At: at, Type: mapping.EventPoolExhausted, Tenant: p.Tenant, Pool: p.Name}
		db.writer.queue.push(&announcement{db: db, event: e}, maxCreates)
	}
	return err
}
