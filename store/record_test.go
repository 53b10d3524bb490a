package store

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// asSchema3 gives every key a row of its own, as a store of schema 3 has them.
func asSchema3(t *testing.T, o Options) {
	t.Helper()
	asSchema4(t, o)
	file, err := openFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Update(func(tx *bolt.Tx) error {
		rows := make(map[string][]byte)
		in := bucketInteractions.in(tx)
		if err := in.ForEach(func(id, row []byte) error { rows[string(id)] = row; return nil }); err != nil {
			return err
		}
		for id, row := range rows {
			err := errors.Join(bucketKeys.in(tx).Put([]byte(id), row[:leafSize]), in.Put([]byte(id), row[leafSize:]))
			if err != nil {
				return err
			}
		}
		return bucketMeta.in(tx).Put(metaSchema, binary.BigEndian.AppendUint32(nil, 3))
	})
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// A store of schema 3 opens as it is: whatever may become of an interaction becomes
// of those whose keys have rows of their own, beside those that are made later.
func TestAStoreOfSchema3(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	var old []mapping.Interaction
	for n := range 4 {
		old = append(old, created(t, db, ride(t, n, n), noon.Add(time.Duration(n)*time.Millisecond)))
	}
	db.Record(callOf(1, &old[1]))
	checkAndClose(t, db)
	asSchema3(t, o)
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	fresh := created(t, db, ride(t, 5, 5), noon.Add(time.Second))
	for _, i := range []*mapping.Interaction{&old[0], &fresh} {
		if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon.Add(time.Second)); refusal != 0 {
			t.Errorf("refused: %s", refusal)
		}
	}
	extended, err := db.Extend(t.Context(), old[0].ID, mapping.Extension{TTL: mapping.DefaultTTL + time.Hour}, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	completed(t, db, old[1].ID)
	db.Record(callOf(2, &old[2]))
	if err := db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Erase(t.Context(), old[2].ID, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := db.DestroyKeys(old[3].ID); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	db = opened(t, o)
	if read, err := db.Interaction(old[0].ID); err != nil || !read.ExpiresAt.Equal(extended.ExpiresAt) {
		t.Errorf("extended: until %v, %v", read.ExpiresAt, err)
	}
	if read, err := db.Interaction(old[1].ID); err != nil || read.CompletedAt.IsZero() {
		t.Errorf("completed: %v, %v", read.CompletedAt, err)
	}
	if _, err := db.CDR(callOf(1, &old[1]).Call); err != nil {
		t.Errorf("a call of before: %v", err)
	}
	for _, gone := range []mapping.ID{old[2].ID, old[3].ID} {
		if _, err := db.Interaction(gone); !errors.Is(err, mapping.ErrNotFound) {
			t.Errorf("erased: %v", err)
		}
	}
	if _, err := db.CDR(callOf(2, &old[2]).Call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("a call of what was erased: %v", err)
	}
	if _, refusal := db.Resolve(fresh.A.DID, fresh.A.Numbers[0], noon.Add(time.Second)); refusal != 0 {
		t.Errorf("refused: %s", refusal)
	}
}
