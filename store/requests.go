package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// requestLife is how long a request is known by its key.
const requestLife = 24 * time.Hour

// bucketRequests is made by the first request that has a key, so that a file
// from before there were any opens as it is. Neither keys nor drafts can be
// read out of it: both are digested, under a key that is destroyed when all requests
// of its day are forgotten. Nobody can try numbers against them from then on.
const bucketRequests bucket = "requests" // day and digest of the key -> digest of the draft, interaction

// request is a create that its client can send again, by the key it gave it. It has
// digests for each day on which it may have come before, today's first.
type request []sighting

// sighting is a request as a day has it.
type sighting struct {
	day        day
	key, draft digest
}

// requestOf returns the request that a draft came with; nil if it has no key.
func (db *DB) requestOf(d *mapping.Draft, at time.Time) (r request, err error) {
	if d.Key == "" {
		return nil, nil
	}
	asked := d.Bind(mapping.ID{}, "", "", time.Unix(0, 0))
	record := value(encodeInteraction(&asked))
	defer clear(record)
	today := dayAt(at)
	if err := db.keys.plant(today | forRequests); err != nil {
		return nil, err
	}
	for _, on := range []day{today | forRequests, (today - 1) | forRequests} {
		key, err := db.keys.secret(on, 0)
		if errors.Is(err, errDestroyed) {
			continue
		}
		digests := newMAC(key[:]) // which reads the key with its first digest
		r = append(r, sighting{on, digests.text("key " + string(d.Tenant) + keyed + d.Key), digests.written(value("draft"), record)})
		clear(key[:])
	}
	return append(r, db.requestBefore(d, record, today)...), nil
}

// requestBefore returns the request as one of before schema 4 is kept: for another day
// after the daemon is replaced.
func (db *DB) requestBefore(d *mapping.Draft, record value, today day) request {
	digests := db.keys.names.of(d.Tenant).request
	key, draft := digests.text("key "+d.Key), digests.written(value("draft"), record)
	return request{{today, key, draft}, {today - 1, key, draft}}
}

// plant has the day have a tree of keys.
func (k *keyring) plant(d day) error {
	if k.set.Load().days[d] != nil {
		return nil
	}
	_, err := k.leaf(d)
	return err
}

// at returns the key of the bucket under which the request is kept.
func (r *sighting) at() []byte { return append(r.day.key(), r.key[:]...) }

// repeated returns the interaction that the same request made, durable;
// [mapping.ErrNotFound] if it is new, or [mapping.ErrReused] if its key came
// with another draft, or what it made was erased.
func (db *DB) repeated(ctx context.Context, d *mapping.Draft, r request, at time.Time) (i mapping.Interaction, err error) {
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
		if err == nil && !madeBy(d, &i) {
			err = fmt.Errorf("read request: it leads to what it did not make: %w", ErrDamaged)
		}
		return err
	})
	if err == nil {
		err = db.Flush(ctx) // a reader sees a commit a moment before the disk has it
	}
	return i, err
}

// madeBy reports whether the interaction may be what the draft has made, whatever was
// revised since. Nothing proves where the row of a request leads.
func madeBy(d *mapping.Draft, i *mapping.Interaction) bool {
	return d.Tenant == i.Tenant && slices.Equal(d.A, i.A.Numbers) && slices.Equal(d.B, i.B.Numbers)
}

// find looks for the request of today, and of the day before.
func (r request) find(tx *bolt.Tx, at time.Time) (id mapping.ID, err error) {
	in := bucketRequests.in(tx)
	if in == nil {
		return id, mapping.ErrNotFound
	}
	for n := range r {
		value := in.Get(r[n].at())
		if len(value) != len(r[n].draft)+len(id) {
			continue
		}
		id = mapping.ID(value[len(r[n].draft):])
		switch {
		case at.Sub(id.Time()) >= requestLife:
			continue
		case digest(value[:len(r[n].draft)]) != r[n].draft:
			return id, mapping.ErrReused
		default:
			return id, nil
		}
	}
	return id, mapping.ErrNotFound
}

// put keeps the request with the interaction that it makes.
func (r request) put(t *txn, id mapping.ID) error {
	if _, err := t.CreateBucketIfNotExists([]byte(bucketRequests)); err != nil {
		return fmt.Errorf("make bucket %s: %w", bucketRequests, err)
	}
	now := r[0]
	if err := t.put(bucketRequests, now.at(), append(now.draft[:len(now.draft):len(now.draft)], id[:]...)); err != nil {
		return fmt.Errorf("put request: %w", err)
	}
	return nil
}

// forgetRequests destroys the keys of days whose requests nobody can send again any
// more, and removes what was digested under them.
func (db *DB) forgetRequests(ctx context.Context, at time.Time) error {
	before := dayAt(at) - 1
	if err := db.keys.destroyDays(forRequests, before, nil); err != nil {
		return err
	}
	for more := true; more; {
		a := &amnesty{before: before, done: newAnswer()}
		if _, err := db.submit(ctx, a, maxRecords, a.done); err != nil {
			return err
		}
		more = a.removed == retained
	}
	return db.retireRequests()
}

// retireRequests destroys the key of requests of before schema 4, once there is none.
func (db *DB) retireRequests() error {
	var old bool
	err := db.file.View(func(tx *bolt.Tx) error {
		if in := bucketRequests.in(tx); in != nil {
			first, _ := in.Cursor().First()
			old = len(first) >= 4 && day(binary.BigEndian.Uint32(first)) < forRequests
		}
		return nil
	})
	if old || err != nil {
		return err
	}
	k := db.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	s := *k.set.Load()
	if s.request == (keySecret{}) {
		return nil
	}
	s.request = keySecret{}
	return k.put(&s)
}

// amnesty is the change that removes requests of before a day, so many at once.
type amnesty struct {
	before  day
	done    answer
	removed int // the writer's, and the caller's once done has answered
}

func (a *amnesty) apply(t *txn) error {
	a.removed = 0
	in := bucketRequests.in(t.Tx)
	if in == nil {
		return nil
	}
	var old [][]byte
	cursor := in.Cursor()
	for _, of := range []day{0, forRequests} { // the first is of before schema 4
		for key, _ := cursor.Seek(of.key()); len(key) >= 4 && len(old) < retained; key, _ = cursor.Next() {
			if d := day(binary.BigEndian.Uint32(key)); d-d.date() != of || d.date() >= a.before {
				break
			}
			old = append(old, bytes.Clone(key))
		}
	}
	for _, key := range old {
		if err := t.remove(bucketRequests, key); err != nil {
			return fmt.Errorf("forget request: %w", err)
		}
	}
	a.removed = len(old)
	return nil
}

func (a *amnesty) settle(err error) { a.done.give(err) }

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
