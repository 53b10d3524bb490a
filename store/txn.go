package store

import bolt "go.etcd.io/bbolt"

// txn is the writer's transaction over one group of changes.
type txn struct {
	*bolt.Tx
	keys    *keyring
	changed bool // whether there is anything to commit
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
