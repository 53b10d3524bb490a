package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"maskd/mapping"
)

// Create makes the interaction that the draft asks for and returns it once it
// is durable and its DIDs connect. created is false if the draft's external id
// already names one with the same contents, which is then returned. A draft
// whose key came with the same draft within a day is the same request: it gets
// what that one made.
//
// Errors: [mapping.InvalidError], [mapping.ExhaustedError], [mapping.QuotaError],
// [mapping.ErrConflict], [mapping.ErrReused], [mapping.ErrUnavailable], or that of the context, in
// which case the interaction either is or is not made, never half.
func (db *DB) Create(ctx context.Context, d mapping.Draft, at time.Time) (i mapping.Interaction, created bool, err error) {
	at = at.Round(0).UTC()
	d, pool, err := db.admit(d, at)
	if err != nil {
		return mapping.Interaction{}, false, err
	}
	names := namesOf(&d)
	request, err := db.requestOf(&d, at)
	if err != nil {
		return mapping.Interaction{}, false, err
	}
	if err := db.claims.claimBoth(ctx, names); err != nil {
		return mapping.Interaction{}, false, err
	}
	if i, err = db.repeated(ctx, &d, request, at); !errors.Is(err, mapping.ErrNotFound) {
		db.claims.releaseBoth(names)
		return i, err == nil, err
	}
	i, err = db.existing(ctx, &d)
	if !errors.Is(err, mapping.ErrNotFound) {
		db.claims.releaseBoth(names)
		return i, false, err
	}
	c, err := db.bring(ctx, &d, &pool, names, request, at)
	if err != nil {
		return mapping.Interaction{}, false, db.exhausted(err, &pool, at)
	}
	if err := c.done.await(ctx); err != nil {
		return mapping.Interaction{}, false, err
	}
	return c.interaction, true, nil
}

// bring prepares a creation and queues it. The writer waits for that, but not for
// the key: every so often the file of keys is written for one.
func (db *DB) bring(ctx context.Context, d *mapping.Draft, pool *mapping.Pool, names claimed, r request, at time.Time) (*creation, error) {
	leaf, err := db.keys.leaf(dayAt(at))
	if err != nil {
		db.claims.releaseBoth(names)
		return nil, err
	}
	db.writer.queue.expect()
	defer db.writer.queue.arrive()
	c, err := db.prepare(ctx, d, pool, leaf, at)
	if err != nil {
		db.claims.releaseBoth(names)
		return nil, err
	}
	c.names, c.request = names, r
	if err := db.enqueue(ctx, c, maxCreates); err != nil {
		c.abandon()
		return nil, err
	}
	return c, nil
}

// namesOf returns the names under which a draft may be sent again.
func namesOf(d *mapping.Draft) claimed {
	var names claimed
	if d.ExternalID != "" {
		names.external = string(d.Tenant) + keyed + d.ExternalID
	}
	if d.Key != "" {
		names.key = keyed + string(d.Tenant) + keyed + d.Key
	}
	return names
}

// admit completes the draft and reports what about it can't be.
func (db *DB) admit(d mapping.Draft, at time.Time) (mapping.Draft, mapping.Pool, error) {
	pools := db.roster.pools()
	if d.Pool == "" {
		d.Pool = pools.UsualPool(d.Tenant)
	}
	d = d.WithDefaults()
	if err := d.Validate(pools.Own); err != nil {
		return d, mapping.Pool{}, err
	}
	if err := d.Life.Schedulable(at); err != nil {
		return d, mapping.Pool{}, err
	}
	if err := d.CheckHours(db.clocks.almanac()); err != nil {
		return d, mapping.Pool{}, err
	}
	if !d.Life.StartsAt.IsZero() {
		d.Life.StartsAt = d.Life.StartsAt.Round(0).UTC()
	}
	pool, ok := pools.PoolFor(d.Tenant, d.Pool)
	if !ok {
		return d, pool, &mapping.InvalidError{Field: "pool", Code: "unknown", Reason: "no pool of this name is configured"}
	}
	return d.In(pool), pool, nil
}

// existing returns the interaction that the draft's external id names, durable,
// or [mapping.ErrNotFound], or [mapping.ErrConflict] if it is another one.
func (db *DB) existing(ctx context.Context, d *mapping.Draft) (mapping.Interaction, error) {
	if d.ExternalID == "" {
		return mapping.Interaction{}, mapping.ErrNotFound
	}
	i, err := db.ByExternalID(d.Tenant, d.ExternalID)
	if err != nil {
		return mapping.Interaction{}, err
	}
	if !d.Matches(&i) {
		return mapping.Interaction{}, mapping.ErrConflict
	}
	// A reader sees a commit a moment before the disk has it.
	if err := db.Flush(ctx); err != nil {
		return mapping.Interaction{}, err
	}
	return i, nil
}

// creation is the change that makes an interaction.
type creation struct {
	db          *DB
	interaction mapping.Interaction
	slots       []slot
	names       claimed
	request     request // nil: it can't be sent again
	row         []byte  // its record
	testimony   *testimony
	done        answer
}

// prepare does all of a creation that needs no transaction: its id, DIDs held, the
// record sealed under the key of that leaf.
func (db *DB) prepare(ctx context.Context, d *mapping.Draft, pool *mapping.Pool, leaf uint32, at time.Time) (*creation, error) {
	var random [10]byte
	if _, err := io.ReadFull(db.rand, random[:]); err != nil {
		return nil, fmt.Errorf("draw id: %w", err)
	}
	id := mapping.NewID(at, random)
	told, err := db.testify(ctx, mapping.ActionInteractionCreate, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return nil, err
	}
	key, err := db.keys.sealer(dayOf(id), leaf)
	if err != nil {
		return nil, err
	}
	drawn, err := d.WithPINs(db.rand)
	if err != nil {
		return nil, err
	}
	i, slots, err := db.hold(ctx, &drawn, pool, id, at)
	if err != nil {
		return nil, err
	}
	c := &creation{db: db, interaction: i, slots: slots, row: db.keys.sealInteraction(&i, key, leaf), testimony: told, done: newAnswer()}
	return c, nil
}

func (c *creation) apply(t *txn) error {
	id := c.interaction.ID[:]
	if err := t.put(bucketInteractions, id, c.row); err != nil {
		return fmt.Errorf("put interaction: %w", err)
	}
	if err := own(t, bucketOwnInteractions, c.interaction.Tenant, c.interaction.ID); err != nil {
		return err
	}
	if c.request != nil {
		if err := c.request.put(t, c.interaction.ID); err != nil {
			return err
		}
	}
	if c.interaction.ExternalID != "" {
		external := c.db.keys.names.of(c.interaction.Tenant).external.text(c.interaction.ExternalID)
		if err := t.put(bucketExternal, external[:], id); err != nil {
			return fmt.Errorf("put external id: %w", err)
		}
	}
	t.announce(c.interaction.Told(mapping.EventInteractionCreated, c.interaction.CreatedAt))
	return t.hear(c.testimony)
}

// settle publishes a committed interaction before its caller hears of it. The
// slots of one in doubt stay held: the next start may find its record.
func (c *creation) settle(err error) {
	switch {
	case err == nil:
		c.db.index.publish(c.slots, newEntry(&c.interaction))
		c.db.claims.releaseBoth(c.names)
	case errors.Is(err, errInDoubt):
		c.db.claims.releaseBoth(c.names)
	default:
		c.abandon()
	}
	c.testimony.settled(err)
	c.done.give(err)
}

// abandon gives back what an interaction that is not made has held.
func (c *creation) abandon() {
	c.db.alloc.abandon(&c.interaction, c.slots)
	c.db.claims.releaseBoth(c.names)
}
