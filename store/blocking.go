package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Block puts numbers and pairs on the list of their tenant, or on the house's, and returns their blocks,
// durable: from now on they are refused, all of them, or after an error none. One that is there already
// is replaced.
//
// Errors: [mapping.InvalidError], [mapping.ErrUnavailable], or that of the
// context.
func (db *DB) Block(ctx context.Context, all []mapping.Block, at time.Time) ([]mapping.Block, error) {
	all = slices.Clone(all)
	added := make(map[mapping.Tenant]int)
	for n := range all {
		b := &all[n]
		if err := b.Validate(); err != nil {
			return nil, err
		}
		b.ID, b.Since, b.Bars = db.BlockID(b.Tenant, b.Number, b.With), at.Round(0).UTC(), cmp.Or(b.Bars, mapping.BarBoth)
		if _, err := db.ReadBlock(b.ID); errors.Is(err, mapping.ErrNotFound) {
			added[b.Tenant]++
		}
	}
	for tenant, n := range added {
		if !db.blocks.hasRoom(tenant, n) {
			return nil, &mapping.InvalidError{Field: "number", Code: "too_many", Reason: "the list is full: of a tenant at 100,000, and of all at a million"}
		}
	}
	return all, db.changeBlocks(ctx, &blocking{db: db, blocks: all, done: newAnswer()}, at)
}

// Unblock takes blocks off a tenant's list, or the house's, and returns those that were on it, all of
// which are off it then; what they barred is free once it returns.
//
// Errors: [mapping.ErrNotFound] if none was on it, [mapping.ErrUnavailable], or that of the
// context.
func (db *DB) Unblock(ctx context.Context, of mapping.Tenant, ids []mapping.ID, at time.Time) (lifted []mapping.Block, err error) {
	for _, id := range ids {
		switch b, err := db.ReadBlock(id); {
		case errors.Is(err, mapping.ErrNotFound):
		case err != nil:
			return nil, err
		case b.Tenant == of:
			lifted = append(lifted, b)
		}
	}
	if len(lifted) == 0 {
		return nil, mapping.ErrNotFound
	}
	return lifted, db.changeBlocks(ctx, &blocking{db: db, blocks: lifted, lift: true, done: newAnswer()}, at)
}

// changeBlocks carries a change out and has the audit log tell of it, of what was asked about or else of
// the first block.
func (db *DB) changeBlocks(ctx context.Context, c *blocking, at time.Time) (err error) {
	about := cmp.Or(mapping.DeedOf(ctx).Object, mapping.ObjectID(mapping.KindBlock, c.blocks[0].ID))
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
		lists: func(b *mapping.Block) bool { return b.Tenant == of }}
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

// blocking is the change that puts blocks on the list, or lifts them.
type blocking struct {
	db     *DB
	blocks []mapping.Block
	lift   bool
	told   *testimony
	done   answer
}

func (c *blocking) apply(t *txn) error {
	write := c.put
	if c.lift {
		write = c.remove
	}
	for n := range c.blocks {
		if err := write(t, &c.blocks[n]); err != nil {
			return err
		}
	}
	return t.hear(c.told)
}

func (c *blocking) put(t *txn, b *mapping.Block) error {
	if err := own(t, bucketOwnBlocks, b.Tenant, b.ID); err != nil {
		return err
	}
	record := encodeBlock(b)
	defer clear(record)
	if err := t.put(bucketBlocks, b.ID[:], place{bucketBlocks, b.ID[:]}.seal(c.db.keys.blocking, record)); err != nil {
		return fmt.Errorf("put block: %w", err)
	}
	return nil
}

func (c *blocking) remove(t *txn, b *mapping.Block) error {
	if err := disown(t, bucketOwnBlocks, b.Tenant, b.ID); err != nil {
		return err
	}
	return t.remove(bucketBlocks, b.ID[:])
}

// settle makes what is committed hold, before its caller hears of it.
func (c *blocking) settle(err error) {
	hold := c.db.blocks.put
	if c.lift {
		hold = c.db.blocks.remove
	}
	for n := 0; err == nil && n < len(c.blocks); n++ {
		hold(&c.blocks[n])
	}
	c.told.settled(err)
	c.done.give(err)
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
