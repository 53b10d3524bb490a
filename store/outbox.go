package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// The outbox is what has happened, for whoever is to be told: the events of a commit
// lie in it as one row for each tenant, written by the same commit. Each tenant has
// a sequence of its own, so that a gap tells it of a loss and nothing of others.
//
//	tenant, 0, number of the first event -> day, leaf, how many, and sealed: random bytes, events
//
// A day's rows are sealed under a key of that day, which ends with the last of them.

// outbox gives out the numbers of events, and wakes who waits for them.
type outbox struct {
	// Immutable.
	rand io.Reader
	keys *keyring

	mu    sync.Mutex
	next  map[mapping.Tenant]uint64        // the first number that is not committed
	stirs map[mapping.Tenant]chan struct{} // closed when more is
	own   buriedKey                        // of what is written now; zero: there is none yet
}

func newOutbox(k *keyring, rand io.Reader) *outbox {
	return &outbox{rand: rand, keys: k, next: make(map[mapping.Tenant]uint64), stirs: make(map[mapping.Tenant]chan struct{})}
}

// keyFor returns the key of what is written on a day: each start, and each day, has one
// of its own. A clock that is turned back has that of the later day.
func (o *outbox) keyFor(d day) (buriedKey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d |= forEvents
	if o.own.day >= d {
		return o.own, nil
	}
	leaf, err := o.keys.leaf(d)
	if err == nil {
		o.own = buriedKey{d, leaf}
	}
	return o.own, err
}

// destroy destroys the keys of days before the given one.
func (o *outbox) destroy(before day) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.own.day.date() < before {
		o.own = buriedKey{}
	}
	return o.keys.destroyDays(forEvents, before, nil)
}

// nextOf returns the number of a tenant's first event that is not committed.
func (o *outbox) nextOf(t mapping.Tenant) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return max(o.next[t], 1)
}

// stir returns a channel that is closed when more events of the tenant are committed.
func (o *outbox) stir(t mapping.Tenant) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stirs[t] == nil {
		o.stirs[t] = make(chan struct{})
	}
	return o.stirs[t]
}

// publish shows the events of a commit that is durable, which a reader of the file
// could see a moment before.
func (o *outbox) publish(mail []mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range mail {
		o.next[m.tenant] = max(o.next[m.tenant], 1) + uint64(m.count)
		if stir := o.stirs[m.tenant]; stir != nil {
			close(stir)
			delete(o.stirs, m.tenant)
		}
	}
}

// load finds where each tenant's sequence goes on.
func (o *outbox) load(tx *bolt.Tx) error {
	cursor := bucketOutbox.in(tx).Cursor()
	key, _ := cursor.First()
	for key != nil {
		tenant, _, err := splitOutboxKey(key)
		if err != nil {
			return err
		}
		var last, row []byte
		if key, _ = cursor.Seek(append([]byte(tenant), 1)); key == nil { // behind all that is the tenant's
			last, row = cursor.Last()
		} else {
			last, row = cursor.Prev()
		}
		if o.next[tenant], err = o.behind(last, row); err != nil {
			return err
		}
	}
	return nil
}

// behind returns the number of the first event behind a row.
func (o *outbox) behind(key, row []byte) (uint64, error) {
	_, first, err := splitOutboxKey(key)
	if err != nil {
		return 0, err
	}
	r, err := readOutboxRow(row)
	return first + uint64(r.count), err
}

// seqSize is that of an event's number in a key.
const seqSize = 8

func outboxKey(t mapping.Tenant, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(ownedPrefix(t), seq)
}

func splitOutboxKey(key []byte) (t mapping.Tenant, seq uint64, err error) {
	end := len(key) - seqSize - 1
	if end < 1 || key[end] != 0 {
		return "", 0, fmt.Errorf("read outbox: %w", ErrDamaged)
	}
	return mapping.Tenant(key[:end]), binary.BigEndian.Uint64(key[end+1:]), nil
}

// mail is the events of one tenant in a commit.
type mail struct {
	tenant mapping.Tenant
	day    day // of the latest of them
	count  int
	body   []byte // random bytes, and the events as they are written
}

// announce has an event told in this commit.
func (t *txn) announce(e mapping.Event) {
	t.changed = true
	t.mailOf(e.Tenant).add(&e)
}

// mailOf returns the mail of a tenant, and begins it where an older one was written.
func (t *txn) mailOf(of mapping.Tenant) *mail {
	d := t.desk()
	for n := range d.mail {
		if d.mail[n].tenant == of {
			return &d.mail[n]
		}
	}
	d.mail = slices.Grow(d.mail, 1)[:len(d.mail)+1]
	m := &d.mail[len(d.mail)-1]
	*m = mail{tenant: of, body: append(m.body[:0], make([]byte, eventRandom)...)}
	return m
}

func (m *mail) add(e *mapping.Event) {
	m.count, m.day = m.count+1, max(m.day, dayAt(e.At))
	m.body = appendEvent(m.body, e)
}

// post writes what was announced.
func (t *txn) post() error {
	mail := t.desk().mail
	for n := range mail {
		m := &mail[n]
		if _, err := io.ReadFull(t.outbox.rand, m.body[:eventRandom]); err != nil {
			return fmt.Errorf("draw id: %w", err)
		}
		row, err := t.outbox.keyFor(m.day)
		if err != nil {
			return fmt.Errorf("find key of events: %w", err)
		}
		if err := t.postRow(m, row); err != nil {
			return fmt.Errorf("put events: %w", err)
		}
	}
	return nil
}

func (t *txn) postRow(m *mail, under buriedKey) error {
	sealer, err := t.keys.sealer(under.day, under.leaf)
	if err != nil {
		return err
	}
	key, row := outboxKey(m.tenant, t.outbox.nextOf(m.tenant)), outboxRow{key: under, count: uint32(m.count)}
	sealed := append(make([]byte, 0, outboxHead+len(m.body)+sealOverhead), row.head()...)
	return t.put(bucketOutbox, key, row.place(key).appendSeal(sealed, sealer, m.body))
}

// outboxRow is the events of a commit as they are kept. How many they are stands in
// clear: a sequence goes on though its key is destroyed.
type outboxRow struct {
	key    buriedKey
	count  uint32
	sealed []byte // empty: there are none, and the sequence goes on here
}

// outboxHead is the size of what stands in clear.
const outboxHead = 12

func (r *outboxRow) head() []byte {
	b := binary.BigEndian.AppendUint32(r.key.day.key(), r.key.leaf)
	return binary.BigEndian.AppendUint32(b, r.count)
}

func (r *outboxRow) encode() []byte { return append(r.head(), r.sealed...) }

// place binds the events to where they are, and to what stands in clear.
func (r *outboxRow) place(key []byte) place {
	return place{bucketOutbox, append(key[:len(key):len(key)], r.head()...)}
}

func readOutboxRow(row []byte) (r outboxRow, err error) {
	if len(row) < outboxHead {
		return r, fmt.Errorf("read outbox: %w", ErrDamaged)
	}
	return outboxRow{
		key:   buriedKey{day(binary.BigEndian.Uint32(row)), binary.BigEndian.Uint32(row[4:])},
		count: binary.BigEndian.Uint32(row[8:]), sealed: row[outboxHead:],
	}, nil
}

// open returns the events of a row, or [errDestroyed].
func (o *outbox) open(key, row []byte) ([]mapping.Event, error) {
	tenant, first, err := splitOutboxKey(key)
	if err != nil {
		return nil, err
	}
	r, err := readOutboxRow(row)
	if err != nil || len(r.sealed) == 0 && r.count == 0 {
		return nil, err
	}
	sealer, err := o.keys.sealer(r.key.day, r.key.leaf)
	if err != nil {
		return nil, err
	}
	plain, err := r.place(key).open(sealer, r.sealed)
	if err != nil {
		return nil, err
	}
	events, err := decodeEvents(tenant, first, plain)
	if err == nil && len(events) != int(r.count) {
		err = errFields
	}
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w: %w", ErrDamaged, err)
	}
	return events, nil
}
