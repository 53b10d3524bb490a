package store

import (
	"crypto/cipher"

	bolt "go.etcd.io/bbolt"
)

// txn is the writer's transaction over one group of changes.
type txn struct {
	*bolt.Tx
	keys    *keyring
	days    map[day]cipher.AEAD // day keys met or made in this transaction
	changed bool                // whether there is anything to commit
}

// appended fills the leaves of buckets whose keys ascend with time. The rest is
// room for the records of interactions, which grow when they are completed.
const appended = 0.9

func (t *txn) put(b bucket, key, value []byte) error {
	t.changed = true
	in := b.in(t.Tx)
	switch b {
	case bucketInteractions, bucketKeys, bucketCDRs:
		in.FillPercent = appended
	}
	return in.Put(key, value)
}

func (t *txn) remove(b bucket, key []byte) error {
	in := b.in(t.Tx)
	if in.Get(key) == nil {
		return nil
	}
	t.changed = true
	return in.Delete(key)
}

// day returns the key of a day, and makes it if the file has none yet.
func (t *txn) day(d day) (cipher.AEAD, error) {
	if key, ok := t.days[d]; ok {
		return key, nil
	}
	var key cipher.AEAD
	var err error
	if bucketDays.in(t.Tx).Get(d.key()) == nil {
		key, err = t.makeDay(d)
	} else {
		key, err = t.keys.day(t.Tx, d)
	}
	if err == nil {
		t.days[d] = key
	}
	return key, err
}

func (t *txn) makeDay(d day) (cipher.AEAD, error) {
	raw, err := t.keys.draw()
	if err != nil {
		return nil, err
	}
	if err := t.put(bucketDays, d.key(), place{bucketDays, d.key()}.seal(t.keys.wrap, raw)); err != nil {
		return nil, err
	}
	return newAEAD(raw)
}

// committed keeps the day keys, now that they are in the file.
func (t *txn) committed() {
	for d, key := range t.days {
		t.keys.keep(d, key)
	}
}
