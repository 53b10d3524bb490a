package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// requestLife is how long a request is known by its key.
const requestLife = 24 * time.Hour

// bucketRequests is made by the first request that has a key, so that a file
// from before there were any opens as it is. Neither keys nor drafts can be
// read out of it: both are digested.
const bucketRequests bucket = "requests" // day and digest of the key -> digest of the draft, interaction

// request is a create that its client can send again, by the key it gave it.
type request struct{ key, draft digest }

// requestOf returns the request that a draft came with; nil if it has no key.
func (db *DB) requestOf(d *mapping.Draft) *request {
	if d.Key == "" {
		return nil
	}
	asked := d.Bind(mapping.ID{}, "", "", time.Unix(0, 0))
	record := value(encodeInteraction(&asked))
	defer clear(record)
	digests := db.keys.names.of(d.Tenant).request
	return &request{key: digests.text("key " + d.Key), draft: digests.written(value("draft"), record)}
}

// at returns the key of the bucket under which a request of that day is kept.
func (r *request) at(d day) []byte { return append(d.key(), r.key[:]...) }

// repeated returns the interaction that the same request made, durable;
// [mapping.ErrNotFound] if it is new, or [mapping.ErrReused] if its key came
// with another draft, or what it made was erased.
func (db *DB) repeated(ctx context.Context, r *request, at time.Time) (i mapping.Interaction, err error) {
	if r == nil {
		return i, mapping.ErrNotFound
	}
	err = db.file.View(func(tx *bolt.Tx) error {
		id, err := r.find(tx, at)
		if err != nil {
			return err
		}
		i, err = db.readInteraction(tx, id)
		if errors.Is(err, mapping.ErrNotFound) { // it was erased: who asks late must not bring it back
			return mapping.ErrReused
		}
		return err
	})
	if err == nil {
		err = db.Flush(ctx) // a reader sees a commit a moment before the disk has it
	}
	return i, err
}

// find looks for the request of today, and of the day before.
func (r *request) find(tx *bolt.Tx, at time.Time) (id mapping.ID, err error) {
	in := bucketRequests.in(tx)
	if in == nil {
		return id, mapping.ErrNotFound
	}
	today := day(at.Unix() / secondsPerDay)
	for _, d := range []day{today, today - 1} {
		value := in.Get(r.at(d))
		if len(value) != len(r.draft)+len(id) {
			continue
		}
		id = mapping.ID(value[len(r.draft):])
		switch {
		case at.Sub(id.Time()) >= requestLife:
			continue
		case digest(value[:len(r.draft)]) != r.draft:
			return id, mapping.ErrReused
		default:
			return id, nil
		}
	}
	return id, mapping.ErrNotFound
}

// put keeps the request with the interaction that it makes, and lets go of two
// that are forgotten: the bucket thus never grows by them.
func (r *request) put(t *txn, id mapping.ID) error {
	in, err := t.CreateBucketIfNotExists([]byte(bucketRequests))
	if err != nil {
		return fmt.Errorf("make bucket %s: %w", bucketRequests, err)
	}
	today := dayOf(id)
	if err := t.put(bucketRequests, r.at(today), append(r.draft[:len(r.draft):len(r.draft)], id[:]...)); err != nil {
		return fmt.Errorf("put request: %w", err)
	}
	for range 2 {
		oldest, _ := in.Cursor().First()
		if len(oldest) < 4 || day(binary.BigEndian.Uint32(oldest))+1 >= today {
			return nil
		}
		if err := t.remove(bucketRequests, oldest); err != nil {
			return fmt.Errorf("forget request: %w", err)
		}
	}
	return nil
}

// checkRequests sees that every request leads to an interaction.
func (s *snapshot) checkRequests(ctx context.Context) error {
	in := bucketRequests.in(s.tx)
	if in == nil {
		return nil
	}
	return in.ForEach(func(_, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(value) != len(digest{})+len(mapping.ID{}) {
			return fmt.Errorf("%w: a request leads to no id", ErrDamaged)
		}
		if id := value[len(digest{}):]; bucketInteractions.in(s.tx).Get(id) == nil && bucketTombstones.in(s.tx).Get(id) == nil {
			return fmt.Errorf("%w: a request leads to %s, which there is not", ErrDamaged, mapping.ID(id).Text(mapping.KindInteraction))
		}
		return nil
	})
}
