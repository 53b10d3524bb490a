package store

import (
	"errors"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Record queues a call detail record for the writer and returns at once. Later
// records of the same call replace earlier ones. What can't be written goes to
// [Options].OnFault; it is tried again with the next commit unless it never
// can be.
func (db *DB) Record(c mapping.CDR) {
	if c.Tenant == "" {
		c.Tenant = db.roster.pools().TenantOf(c.DID)
	}
	r := db.recordings.Get().(*recording)
	r.cdr = c
	if db.uncounted.add(&c) {
		r.debit = db.debit(&c)
		db.allotments.add(r.debit, 1)
		db.allotments.changed.Add(1)
	}
	if !db.writer.queue.push(r, maxRecords) {
		r.uncount(ErrOverflow)
		db.fault(ErrOverflow)
	}
}

// CDR returns the call detail record of that call, or [mapping.ErrNotFound].
func (db *DB) CDR(call mapping.ID) (c mapping.CDR, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		c, err = db.readCDR(tx, call)
		return err
	})
	return c, err
}

// CDRs returns call detail records in the order of their calls' ids, those
// after the given id; the zero id is before the first. The limit is at least 1
// and at most 1001, whatever is asked for.
func (db *DB) CDRs(after mapping.ID, limit int) ([]mapping.CDR, error) {
	return db.CDRsOf("", after, limit)
}

// recording is the change that writes a call detail record.
type recording struct {
	db   *DB
	cdr  mapping.CDR
	told bool // it could not be written, and that was said

	debit       debit                // what it adds to, if it is over
	interaction *mapping.Interaction // what the record has made of it; nil: nothing
}

// newRecordings has recordings that were settled for those to come: a call makes three.
func (db *DB) newRecordings() *sync.Pool {
	return &sync.Pool{New: func() any { return &recording{db: db} }}
}

// done gives the recording back.
func (r *recording) done() {
	db := r.db
	*r = recording{db: db}
	db.recordings.Put(r)
}

func (r *recording) patient() bool { return true }

func (r *recording) apply(t *txn) error {
	if r.erased(t) {
		return t.remove(bucketLive, r.cdr.Call[:])
	}
	of, ended := t.attach(&r.cdr.Call), false
	if of.before == nil || of.lives {
		ended = r.cdr.Outcome != mapping.OutcomeLive
		t.announceCall(&r.cdr, of.told, r.cdr.EndedAt)
	}
	if err := r.open(t, of); err != nil {
		return fmt.Errorf("find interaction of call: %w", err)
	}
	if err := putCDR(t, &r.cdr, of); err != nil {
		return fmt.Errorf("put call detail record: %w", err)
	}
	if err := r.tell(t, of, ended); err != nil {
		return fmt.Errorf("tell interaction of call: %w", err)
	}
	if !ended {
		return nil
	}
	return r.debit.post(t)
}

// uncount notes what became of the call's last record. One that is lost does not count.
func (r *recording) uncount(err error) {
	if r.cdr.Outcome == mapping.OutcomeLive { // the call may be over meanwhile, and counts until its last is written
		return
	}
	if r.db.uncounted.done(r.cdr.Call) && err != nil {
		r.db.allotments.add(r.debit, -1)
	}
}

// erased reports whether the call or its interaction was erased before it was over:
// what is told of it now is forgotten with it.
func (r *recording) erased(t *txn) bool {
	return t.isErased(r.cdr.Interaction) || t.isErased(r.cdr.Call)
}

func (r *recording) settle(err error) {
	if err == nil {
		r.publish()
	}
	if !errors.Is(err, mapping.ErrUnavailable) { // else it is tried again
		r.uncount(err)
	}
	if err != nil && !r.told {
		r.told = true
		r.db.fault(fmt.Errorf("write call detail record: %w", err))
	}
	if err == nil {
		r.done()
	}
}

// putCDR seals a call detail record under the key of its interaction, or under
// one of its own if there is none or it is a stranger's, and keeps account of whether
// the call lives.
func putCDR(t *txn, c *mapping.CDR, of *attached) error {
	owner, err := ownerOf(t, c, of)
	if err != nil {
		return err
	}
	key, err := of.key(t, c.Call, owner)
	if err != nil {
		return err
	}
	d := t.desk()
	plain := appendCDR(d.plain[:0], c)
	if isStray(owner) && !c.Interaction.IsZero() {
		plain = plain.text(cdrInteraction, string(c.Interaction[:]))
	}
	defer clear(plain)
	at := place{bucketCDRs, append(append(d.key[:0], c.Call[:]...), owner[:]...)}
	value := t.keys.appendOwner(d.row(ownerSize+len(plain)+sealOverhead), at, owner)
	value = at.sealWith(d.place[:0], value, key, plain)
	if err := t.put(bucketCDRs, c.Call[:], value); err != nil {
		return err
	}
	if err := own(t, bucketOwnCDRs, c.Tenant, c.Call); err != nil {
		return err
	}
	switch {
	case c.Outcome == mapping.OutcomeLive:
		return t.put(bucketLive, c.Call[:], []byte{byte(c.Milestones())})
	case of.lives:
		return t.remove(bucketLive, c.Call[:])
	}
	return nil
}

// cdrPlace binds a record to its call and to the owner written before it.
func cdrPlace(call, owner mapping.ID) place {
	return place{bucketCDRs, append(call[:len(call):len(call)], owner[:]...)}
}

// The row of a call's record begins with whose it is, and a warrant of that. Before schema
// 5 it has none.
const ownerSize = len(mapping.ID{}) + warrantSize

func (k *keyring) appendOwner(b []byte, at place, owner mapping.ID) []byte {
	w := k.warrant(at)
	b = append(b, owner[:]...)
	b[len(b)-len(owner)] |= warrantMarkByte
	return append(b, w[:]...)
}

func splitOwner(row []byte) (owner mapping.ID, warrant, sealed []byte, err error) {
	if len(row) < len(owner) {
		return owner, nil, nil, ErrDamaged
	}
	owner, sealed = mapping.ID(row[:len(owner)]), row[len(owner):]
	if owner[0]&warrantMarkByte == 0 {
		return owner, nil, sealed, nil
	}
	if owner[0] &^= warrantMarkByte; len(sealed) < warrantSize {
		return owner, nil, nil, ErrDamaged
	}
	return owner, sealed[:warrantSize], sealed[warrantSize:], nil
}

func (db *DB) readCDR(tx *bolt.Tx, call mapping.ID) (mapping.CDR, error) {
	value := bucketCDRs.in(tx).Get(call[:])
	if value == nil {
		return mapping.CDR{}, mapping.ErrNotFound
	}
	owner, warrant, sealed, err := splitOwner(value)
	if err != nil {
		return mapping.CDR{}, fmt.Errorf("read call detail record: %w", err)
	}
	at := cdrPlace(call, owner)
	key, err := db.keys.cdr(tx, call, owner)
	if errors.Is(err, errDestroyed) {
		err = db.keys.erased(at, dayOf(call), warrant)
	}
	if err != nil {
		return mapping.CDR{}, err
	}
	plain, err := at.open(key, sealed)
	if err != nil {
		return mapping.CDR{}, err
	}
	if isStray(owner) {
		owner = mapping.ID{}
	}
	c, err := decodeCDR(call, owner, plain)
	if err != nil {
		return mapping.CDR{}, errors.Join(ErrDamaged, err)
	}
	return c, nil
}
