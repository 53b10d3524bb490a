package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Block puts a number or a pair on the list of its tenant, or on the house's, and returns its block,
// durable: from now on it is refused. One that is there already is replaced.
//
// Errors: [mapping.InvalidError], [mapping.ErrUnavailable], or that of the
// context.
func (db *DB) Block(ctx context.Context, b mapping.Block, at time.Time) (mapping.Block, error) {
	if err := b.Validate(); err != nil {
		return mapping.Block{}, err
	}
	b.ID, b.Since = db.BlockID(b.Tenant, b.Number, b.With), at.Round(0).UTC()
	if b.Bars == 0 {
		b.Bars = mapping.BarBoth
	}
	if _, err := db.ReadBlock(b.ID); errors.Is(err, mapping.ErrNotFound) && db.blocks.full(b.Tenant) {
		return mapping.Block{}, &mapping.InvalidError{Field: "number", Code: "too_many", Reason: "the list is full: of a tenant at 100,000, and of all at a million"}
	}
	return b, db.changeBlocks(ctx, &blocking{db: db, block: b, done: newAnswer()}, at)
}

// Unblock takes a block off a tenant's list, or the house's; what it barred is free
// once it returns.
//
// Errors: [mapping.ErrNotFound], also for what is on another list, [mapping.ErrUnavailable], or that of the
// context.
func (db *DB) Unblock(ctx context.Context, of mapping.Tenant, id mapping.ID, at time.Time) (mapping.Block, error) {
	b, err := db.ReadBlock(id)
	if err == nil && b.Tenant != of {
		err = mapping.ErrNotFound
	}
	if err != nil {
		return mapping.Block{}, err
	}
	return b, db.changeBlocks(ctx, &blocking{db: db, block: b, lift: true, done: newAnswer()}, at)
}

// changeBlocks carries a change out and has the audit log tell of it, of what was asked about or else of
// the block.
func (db *DB) changeBlocks(ctx context.Context, c *blocking, at time.Time) (err error) {
	about := cmp.Or(mapping.DeedOf(ctx).Object, mapping.ObjectID(mapping.KindBlock, c.block.ID))
	if c.told, err = db.testify(ctx, mapping.ActionBlock, about, at); err != nil {
		return err
	}
	_, err = db.submit(ctx, c, maxRecords, c.done)
	return err
}

// BlockID returns the id that a block of the number has on a list, towards everybody
// or towards one other.
func (db *DB) BlockID(of mapping.Tenant, n, with mapping.Number) mapping.ID {
	return mapping.ID(db.blocks.digest(of, n, with))
}

// ReadBlock returns the block of that id, or [mapping.ErrNotFound].
func (db *DB) ReadBlock(id mapping.ID) (b mapping.Block, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		b, err = db.readBlock(tx, id)
		return err
	})
	return b, err
}

// Blocks returns a tenant's blocks, or the house's, in the order of their ids, those
// after the given one; the zero id is before the first. The limit is at least 1 and at
// most 1000.
func (db *DB) Blocks(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.Block, error) {
	s := shelf[mapping.Block]{records: bucketBlocks, list: bucketOwnBlocks, read: db.readBlock,
		tenant: func(b *mapping.Block) mapping.Tenant { return b.Tenant }}
	page, err := s.page(db.file, of, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	return page, nil
}

func (db *DB) readBlock(tx *bolt.Tx, id mapping.ID) (mapping.Block, error) {
	sealed := bucketBlocks.in(tx).Get(id[:])
	if sealed == nil {
		return mapping.Block{}, mapping.ErrNotFound
	}
	plain, err := place{bucketBlocks, id[:]}.open(db.keys.blocking, sealed)
	if err != nil {
		return mapping.Block{}, err
	}
	defer clear(plain)
	b, err := decodeBlock(id, plain)
	if err != nil {
		return mapping.Block{}, fmt.Errorf("read block: %w: %w", ErrDamaged, err)
	}
	return b, nil
}

// loadBlocks takes into memory who is blocked.
func (db *DB) loadBlocks(tx *bolt.Tx) error {
	return bucketBlocks.in(tx).ForEach(func(key, _ []byte) error {
		if len(key) != len(mapping.ID{}) {
			return fmt.Errorf("read id of block: %w", ErrDamaged)
		}
		b, err := db.readBlock(tx, mapping.ID(key))
		if err == nil {
			db.blocks.put(&b)
		}
		return err
	})
}

// blocking is the change that puts a block on the list, or lifts it.
type blocking struct {
	db    *DB
	block mapping.Block
	lift  bool
	told  *testimony
	done  answer
}

func (c *blocking) apply(t *txn) error {
	if err := c.write(t); err != nil {
		return err
	}
	return t.hear(c.told)
}

func (c *blocking) write(t *txn) error {
	id := c.block.ID[:]
	if c.lift {
		if err := disown(t, bucketOwnBlocks, c.block.Tenant, c.block.ID); err != nil {
			return err
		}
		return t.remove(bucketBlocks, id)
	}
	if err := own(t, bucketOwnBlocks, c.block.Tenant, c.block.ID); err != nil {
		return err
	}
	record := encodeBlock(&c.block)
	defer clear(record)
	if err := t.put(bucketBlocks, id, place{bucketBlocks, id}.seal(c.db.keys.blocking, record)); err != nil {
		return fmt.Errorf("put block: %w", err)
	}
	return nil
}

// settle makes what is committed hold, before its caller hears of it.
func (c *blocking) settle(err error) {
	switch {
	case err != nil:
	case c.lift:
		c.db.blocks.remove(&c.block)
	default:
		c.db.blocks.put(&c.block)
	}
	c.told.settled(err)
	c.done <- err
}

// checkBlocks reads every block, and sees that memory has the same.
func (s *snapshot) checkBlocks(ctx context.Context) error {
	left := s.blocks
	err := s.each(ctx, bucketBlocks, func(id mapping.ID) error {
		b, err := s.db.readBlock(s.tx, id)
		switch {
		case err != nil:
			return err
		case left[digest(id)] != b.Bars, id != s.db.BlockID(b.Tenant, b.Number, b.With), b.Tenant != "" && !s.owns(bucketOwnBlocks, b.Tenant, id):
			return fmt.Errorf("%w: memory and file disagree on whom it bars", ErrDamaged)
		}
		delete(left, digest(id))
		return nil
	})
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%w: %d blocks are in memory only", ErrDamaged, len(left))
	}
	return err
}
