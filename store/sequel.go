package store

import (
	"bytes"
	"errors"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// How the events of a restored store go on: what was told is told, whatever was in the copy. Its
// outbox is that of the store of before, with how far each endpoint has been told. If nobody can
// read that, it is empty and its numbers go on far behind: who reads on hears that something is
// lost, and none is given out again.

// maybeTold is how many events may have been told since the copy: a thousand a second for fifty days.
const maybeTold = 1 << 32

// inherit gives the copy the outbox of the store of before.
func inherit(old, tx *bolt.Tx) error {
	for _, b := range []bucket{bucketOutbox, bucketWebhooks} {
		to, err := emptied(tx, b)
		if err != nil {
			return err
		}
		if err := b.in(old).ForEach(to.Put); err != nil {
			return err
		}
	}
	if told := bucketMeta.in(old).Get([]byte(metaExpired)); len(told) == 8 {
		return bucketMeta.in(tx).Put([]byte(metaExpired), told)
	}
	return nil
}

// carry puts into the copy what was decided since, and does not take from it what was decided before:
// the store of before may be a new one, that knows of nothing.
func carry(old, tx *bolt.Tx) error {
	for _, b := range []bucket{bucketTombstones, bucketRecordings, bucketBlocks, bucketOwnBlocks, bucketNumbers} {
		if err := b.in(old).ForEach(b.in(tx).Put); err != nil {
			return err
		}
	}
	return nil
}

// keepCounts has calls count that were made since: who has had all of his gets no more.
func keepCounts(old, tx *bolt.Tx) error {
	now := bucketAllotments.in(tx)
	return bucketAllotments.in(old).ForEach(func(key, calls []byte) error {
		if bytes.Compare(calls, now.Get(key)) <= 0 { // both are of one length, or the copy has none
			return nil
		}
		return now.Put(key, calls)
	})
}

// keep has interactions that live in the store of before, and are in the copy, be as they were there: what
// was said of them since, that one is not to be disturbed and another not rung any more, or that they
// end later, is not undone.
func (s *restoration) keep(old, tx *bolt.Tx) error {
	now := bucketInteractions.in(tx)
	for _, some := range []map[mapping.ID]bool{s.live, s.goOn} {
		for id := range some {
			was, is := bucketInteractions.in(old).Get(id[:]), now.Get(id[:])
			if was == nil || is == nil || s.over[id] || bytes.Equal(was, is) {
				continue
			}
			if err := now.Put(id[:], was); err != nil {
				return err
			}
		}
	}
	return nil
}

// goOnBehind has the sequences of all tenants go on behind what may have been told.
func (s *restoration) goOnBehind() error {
	file, err := openFile(s.copy.Path)
	if err != nil {
		return err
	}
	err = file.Update(func(tx *bolt.Tx) error {
		box := newOutbox(nil, nil)
		if err := box.load(tx); err != nil {
			return err
		}
		for _, tenant := range s.copy.Pools.Tenants() {
			box.next[tenant] = box.nextOf(tenant)
		}
		to, err := emptied(tx, bucketOutbox)
		if err != nil {
			return err
		}
		for tenant, next := range box.next {
			if err := to.Put(outboxKey(tenant, next+maybeTold), new(outboxRow).encode()); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, file.Close())
}

// emptied returns a bucket of which all is removed.
func emptied(tx *bolt.Tx, b bucket) (*bolt.Bucket, error) {
	if err := tx.DeleteBucket([]byte(b)); err != nil {
		return nil, err
	}
	return tx.CreateBucket([]byte(b))
}
