package store

import (
	"bytes"
	"cmp"
	"crypto/cipher"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// batchSize is how many records are handed from one goroutine to the next:
// enough that the hand-over costs nothing beside the unsealing.
const batchSize = 256

// rebuilding is the start's way through all records: one goroutine reads them
// in the order of their ids, as many as there are processors unseal them, and
// the caller's hands them to the [intake], again in the order of ids.
type rebuilding struct {
	// Immutable.
	db *DB
	tx *bolt.Tx // the reader's; what it read may be looked at by all
	at time.Time

	work    chan *batch
	ordered chan *batch
	failed  atomic.Bool // no more need be read
}

// batch is a run of records that were made on one day.
type batch struct {
	// The reader's, until it is sent.
	day    day
	keys   *dayKeys // of that day
	sealed []sealed

	// The worker's, and the caller's once done is closed.
	restored []restored
	slots    []slot // of all that is restored, one after the other
	err      error
	done     chan struct{}
}

// sealed is an interaction's record, in the map of the file.
type sealed struct {
	id  mapping.ID
	row []byte
	key []byte // the row of its key; nil: it has none of its own
}

// cut returns the title of the data key, that key where the leaf only wraps it, and what
// it seals.
func (s *sealed) cut() (t title, wrapped, record []byte, err error) {
	if s.key == nil {
		t, record, err = splitTitle(s.row)
		return t, nil, record, err
	}
	t.leaf, wrapped, err = splitKey(s.key)
	return t, wrapped, s.row, err
}

// restored is what memory keeps of a record.
type restored struct {
	entry    entry
	slots    int       // how many of the batch's are its own; none if they neither connect nor rest
	released time.Time // since when they rest; zero if they connect
	cursors  [2]cursor
	policy   *policied // nil for most
	lapsed   bool      // it has expired, and nobody was told
}

// policied is what only some policies need of a record.
type policied struct {
	interaction mapping.Interaction // its outline and DIDs
	pair        party
	capped      bool
	counted     bool // its tenant may have so many only
}

// cursor is where in its pool a party's next search begins; zero if its DID is
// not in the pool any more.
type cursor struct {
	party party
	at    uint32
}

// rebuild fills the index and the parties' cursors from the records, oldest
// first. Two active interactions with one slot can only come of a clock that
// was turned back; the later one has it.
func (db *DB) rebuild(at time.Time) error {
	return db.file.View(func(tx *bolt.Tx) error {
		workers := runtime.GOMAXPROCS(0)
		r := &rebuilding{db: db, tx: tx, at: at, work: make(chan *batch, workers), ordered: make(chan *batch, 2*workers)}
		return r.run(workers)
	})
}

func (r *rebuilding) run(workers int) error {
	var wait sync.WaitGroup
	defer wait.Wait()
	wait.Go(r.read)
	for range workers {
		wait.Go(r.unseal)
	}
	into := newIntake(r.db, workers)
	defer into.close()
	var first error
	for b := range r.ordered {
		<-b.done
		if first == nil {
			first = b.err
		}
		if first != nil {
			r.failed.Store(true)
			continue
		}
		into.put(b)
	}
	return first
}

// read sends all records; if it can't, a batch that says why is the last.
func (r *rebuilding) read() {
	defer close(r.ordered)
	defer close(r.work)
	if err := guard(r.readRecords); err != nil {
		b := &batch{err: err, done: make(chan struct{})}
		close(b.done)
		r.ordered <- b
	}
}

// readRecords walks through the records, and side by side through those keys that
// have rows of their own: both are in the order of ids, and looking each key up would
// cost as much as unsealing it.
func (r *rebuilding) readRecords() error {
	days := r.db.keys.set.Load().days
	keys := bucketKeys.in(r.tx).Cursor()
	keyID, key := keys.First()
	b := &batch{}
	records := bucketInteractions.in(r.tx).Cursor()
	for raw, record := records.First(); raw != nil && !r.failed.Load(); raw, record = records.Next() {
		if len(raw) != len(mapping.ID{}) {
			return fmt.Errorf("read id: %w", ErrDamaged)
		}
		for keyID != nil && bytes.Compare(keyID, raw) < 0 {
			keyID, key = keys.Next()
		}
		id := mapping.ID(raw)
		if made := dayOf(id); b.done == nil || made != b.day || len(b.sealed) == batchSize {
			r.send(b)
			b = &batch{day: made, keys: days[made], sealed: make([]sealed, 0, batchSize), done: make(chan struct{})}
		}
		s := sealed{id: id, row: record}
		if bytes.Equal(keyID, raw) {
			s.key = key
		}
		b.sealed = append(b.sealed, s)
	}
	r.send(b)
	return nil
}

func (r *rebuilding) send(b *batch) {
	if len(b.sealed) > 0 {
		r.ordered <- b
		r.work <- b
	}
}

// unseal is one worker.
func (r *rebuilding) unseal() {
	w := &unsealer{db: r.db, at: r.at, positions: make(positions)}
	for b := range r.work {
		b.err = guard(func() error { return w.restore(b) })
		close(b.done)
	}
}

// unsealer is what a worker uses again and again.
type unsealer struct {
	db        *DB
	at        time.Time
	positions positions
	outline   outline
	climber   climber
	key       []byte
	record    []byte
}

func (w *unsealer) restore(b *batch) error {
	b.restored = make([]restored, 0, len(b.sealed))
	b.slots = make([]slot, 0, 2*len(b.sealed))
	defer func() { clear(w.key); clear(w.record) }()
	for _, s := range b.sealed {
		err := w.open(b.keys, &s)
		if errors.Is(err, errDestroyed) {
			continue
		}
		if err != nil {
			return err
		}
		have := len(b.slots)
		i := &w.outline.interaction
		until := i.ConnectsUntil()
		live := i.Holds(w.at)
		if live || w.at.Before(until.Add(max(w.db.index.kept(), recalled))) {
			b.slots = w.appendSlots(b.slots, &w.outline.a)
			b.slots = w.appendSlots(b.slots, &w.outline.b)
			b.slots = w.appendStrangers(b.slots)
		}
		r := restored{
			entry: newEntry(i), slots: len(b.slots) - have, policy: w.policied(live),
			cursors: [2]cursor{w.cursor(&w.outline.a), w.cursor(&w.outline.b)},
		}
		if !live {
			r.released = until
			r.lapsed = i.CompletedAt.IsZero() && w.db.expiries.untold(r.entry)
		}
		b.restored = append(b.restored, r)
	}
	return nil
}

// open unseals a record and reads its outline.
func (w *unsealer) open(keys *dayKeys, s *sealed) (err error) {
	t, wrapped, record, err := s.cut()
	if err != nil {
		return err
	}
	key, err := w.dataKey(keys, s.id, t.leaf, wrapped)
	if err != nil {
		return w.db.keys.confirmDestroyed(s.id, t, err)
	}
	w.record, err = place{bucketInteractions, s.id[:]}.appendOpen(w.record[:0], key, record)
	if err != nil {
		return err
	}
	if err := w.outline.read(s.id, w.record); err != nil {
		return fmt.Errorf("read interaction: %w: %w", ErrDamaged, err)
	}
	return nil
}

// dataKey returns the data key of a record.
func (w *unsealer) dataKey(keys *dayKeys, id mapping.ID, leaf uint32, wrapped []byte) (cipher.AEAD, error) {
	if keys == nil {
		return nil, errDestroyed
	}
	secret, err := w.climber.key(keys.branch, leaf)
	if err != nil {
		return nil, err
	}
	key, err := newAEAD(secret[:])
	if err != nil || wrapped == nil {
		return key, err
	}
	if w.key, err = (place{bucketKeys, id[:]}).appendOpen(w.key[:0], key, wrapped); err != nil {
		return nil, err
	}
	return newAEAD(w.key)
}

func (w *unsealer) appendSlots(slots []slot, p *outlinedParty) []slot {
	alloc := w.db.alloc
	on := alloc.lines.meet(mapping.DID(p.did))
	for _, n := range p.numbers {
		slots = append(slots, newSlot(alloc.slots.written(p.did, n), on, ofCaller))
	}
	if len(p.pin) > 0 {
		slots = append(slots, alloc.typedSlot(mapping.DID(p.did), p.pin, ofPIN))
	}
	return slots
}

// appendStrangers appends the slot by which callers reach A who are no party.
func (w *unsealer) appendStrangers(slots []slot) []slot {
	did := mapping.DID(w.outline.a.did)
	switch w.outline.interaction.Mode {
	case mapping.ModeOpen:
		return append(slots, anybody(w.db.alloc.lines.meet(did)))
	case mapping.ModeExtension:
		return append(slots, w.db.alloc.typedSlot(did, w.outline.extension, ofExtension))
	default:
		return slots
	}
}

// cursor is behind the DID that the party was given, if its pool still has it.
func (w *unsealer) cursor(p *outlinedParty) cursor {
	at, ok := w.positions.in(w.db.roster.pools(), w.outline.pool)[mapping.DID(p.did)]
	if !ok || len(p.numbers) == 0 {
		return cursor{}
	}
	return cursor{party: partyOf(w.db.alloc.parties.written(w.outline.pool, p.numbers[0])), at: uint32(at) + 1}
}

// policied returns what a policy needs of the record that was read.
func (w *unsealer) policied(live bool) *policied {
	pool, ok := w.db.roster.pools().Named(string(w.outline.pool))
	sticky, capped := w.outline.interaction.Sticky > mapping.StickyOff, live && ok && pool.MaxPairs > 0
	tenant := cmp.Or(mapping.Tenant(w.outline.tenant), mapping.DefaultTenant)
	counted := live && w.db.roster.pools().AllowanceOf(tenant).MaxLive > 0
	a, b := &w.outline.a, &w.outline.b
	if !sticky && !capped && !counted || len(a.numbers) == 0 {
		return nil
	}
	p := &policied{interaction: w.outline.interaction, capped: capped, counted: counted}
	p.interaction.Tenant = tenant
	p.interaction.A.DID, p.interaction.B.DID = mapping.DID(a.did), mapping.DID(b.did)
	if sticky {
		p.pair = partyOf(w.db.alloc.parties.writtenPair(w.outline.pool, a.numbers[0], b.foremost()))
	}
	return p
}

// foremost returns the first of a party's numbers; none of strangers'.
func (p *outlinedParty) foremost() (n value) {
	if len(p.numbers) > 0 {
		n = p.numbers[0]
	}
	return n
}

// resume remembers what policies need of an interaction; nil if none does.
func (a *allocator) resume(p *policied) {
	if p == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.interaction.Sticky > mapping.StickyOff {
		a.pairs[p.pair] = earlier{p.interaction.A.DID, p.interaction.B.DID}
	}
	if p.capped {
		a.occupied.take(&p.interaction)
	}
	if p.counted {
		a.census.take(&p.interaction)
	}
}

// positions finds the place of a DID in its pool, for each pool met.
type positions map[string]map[mapping.DID]int

func (p positions) in(pools *mapping.Pools, name value) map[mapping.DID]int {
	if known, ok := p[string(name)]; ok {
		return known
	}
	pool, _ := pools.Named(string(name))
	found := make(map[mapping.DID]int, len(pool.DIDs))
	for n, did := range pool.DIDs {
		found[did] = n
	}
	p[string(name)] = found
	return found
}
