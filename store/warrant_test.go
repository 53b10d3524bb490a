package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// forged changes one row of an open store past it, as who has no key can, and gives back
// what undoes that. A nil row is none.
func forged(t *testing.T, db *DB, b bucket, key []byte, change func(row []byte) []byte) (undo func()) {
	t.Helper()
	var before []byte
	put := func(tx *bolt.Tx, row []byte) error {
		if row == nil {
			return b.in(tx).Delete(key)
		}
		return b.in(tx).Put(key, row)
	}
	done(t, db.file.Update(func(tx *bolt.Tx) error {
		before = bytes.Clone(b.in(tx).Get(key))
		return put(tx, change(bytes.Clone(before)))
	}))
	return func() { done(t, db.file.Update(func(tx *bolt.Tx) error { return put(tx, before) })) }
}

func row(t *testing.T, db *DB, b bucket, key []byte) (row []byte) {
	t.Helper()
	done(t, db.file.View(func(tx *bolt.Tx) error { row = bytes.Clone(b.in(tx).Get(key)); return nil }))
	return row
}

// putLeaf writes the number of a leaf over another, and leaves the bit above it.
func putLeaf(row []byte, leaf uint32) {
	binary.BigEndian.PutUint32(row, binary.BigEndian.Uint32(row)&(1<<31)|leaf&^(1<<31))
}

// Who can write the store, and has no key, can't have anything look erased: neither by
// naming a key that is destroyed, nor one's tombstone.
func TestNothingLooksErasedThatIsNot(t *testing.T) {
	db := newStore(t, 10)
	kept, gone := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	about := mapping.ObjectID(mapping.KindInteraction, kept.ID)
	explained(t, db, about, "complaint of the rider", noon)
	explained(t, db, mapping.ObjectRef("num_0123456789abcdef"), "complaint of nobody", noon)
	call, nobody, nobodyGone := callOf(1, &kept), stray(t, 61), stray(t, 62)
	for _, c := range []mapping.CDR{call, nobody, nobodyGone} {
		db.Record(c)
	}
	flushed(t, db)
	entry := auditKey(uint64(len(entries(t, db)) - 1))
	ofKept := auditKey(uint64(len(entries(t, db)) - 2))
	goneRow, goneCall := row(t, db, bucketInteractions, gone.ID[:]), row(t, db, bucketCDRs, nobodyGone.Call[:])
	goneLeaf := binary.BigEndian.Uint32(goneRow) &^ (1 << 31)
	done(t, second(db.Erase(t.Context(), gone.ID, noon)))
	done(t, db.EraseCall(t.Context(), nobodyGone.Call, noon))
	const goneReason = 1000
	done(t, db.keys.destroy(map[day][]uint32{dayAt(noon) | forReasons: {goneReason}}))
	stone := row(t, db, bucketTombstones, gone.ID[:])

	for name, forge := range map[string]func() []func(){
		"the key of a reason": func() []func() {
			return []func(){forged(t, db, bucketReasons, entry, func(row []byte) []byte { putLeaf(row[leafSize:], goneReason); return row })}
		},
		"a reason as it once was kept": func() []func() {
			return []func(){forged(t, db, bucketReasons, entry, func([]byte) []byte { return append(binary.BigEndian.AppendUint32(nil, goneLeaf), 1, 2, 3) })}
		},
		"the interaction of a reason": func() []func() {
			return []func(){forged(t, db, bucketReasons, ofKept, func(row []byte) []byte { row[2*leafSize] ^= 1; return row })}
		},
		"the key of an interaction": func() []func() {
			return []func(){forged(t, db, bucketInteractions, kept.ID[:], func(row []byte) []byte { putLeaf(row, goneLeaf); return row })}
		},
		"an interaction by another's row": func() []func() {
			return []func(){forged(t, db, bucketInteractions, kept.ID[:], func([]byte) []byte { return goneRow })}
		},
		"an interaction as it once was kept": func() []func() {
			return []func(){forged(t, db, bucketInteractions, kept.ID[:], func([]byte) []byte { return binary.BigEndian.AppendUint32(nil, goneLeaf) })}
		},
		"an interaction by another's tombstone": func() []func() {
			return []func(){
				forged(t, db, bucketInteractions, kept.ID[:], func([]byte) []byte { return nil }),
				forged(t, db, bucketTombstones, kept.ID[:], func([]byte) []byte { return stone }),
			}
		},
		"an interaction by a tombstone as it once was": func() []func() {
			return []func(){
				forged(t, db, bucketInteractions, kept.ID[:], func([]byte) []byte { return nil }),
				forged(t, db, bucketTombstones, kept.ID[:], func([]byte) []byte { return binary.BigEndian.AppendUint64(nil, uint64(noon.UnixMilli())) }),
			}
		},
		"what a tombstone destroys": func() []func() {
			return []func(){forged(t, db, bucketTombstones, gone.ID[:], func(row []byte) []byte { row[8+7] ^= 3; return row })}
		},
		"when it was erased": func() []func() {
			return []func(){forged(t, db, bucketTombstones, gone.ID[:], func(row []byte) []byte { row[7] ^= 1; return row })}
		},
		"whose a call is": func() []func() {
			return []func(){forged(t, db, bucketCDRs, call.Call[:], func(row []byte) []byte { copy(row[1:], gone.ID[1:]); return row })}
		},
		"the key of a call": func() []func() {
			return []func(){forged(t, db, bucketCDRs, nobody.Call[:], func(row []byte) []byte { copy(row[1:len(gone.ID)], goneCall[1:]); return row })}
		},
		"a call by another's row": func() []func() {
			return []func(){forged(t, db, bucketCDRs, nobody.Call[:], func([]byte) []byte { return goneCall })}
		},
		"what goes with an interaction": func() []func() {
			mine := recordingRow(kept.ID, call.Call, 7)
			return []func(){forged(t, db, bucketRecordings, mine, func([]byte) []byte { return (dayAt(noon) | forReasons).key() })}
		},
	} {
		t.Run(name, func(t *testing.T) {
			undo := forge()
			report := assayed(t, db, outward(t, db), nil)
			if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) && report.OK() {
				t.Errorf("nobody finds it: %v", err)
			}
			for _, back := range undo {
				back()
			}
			if err := db.Check(t.Context(), noon); err != nil {
				t.Fatalf("and once it is undone: %v", err)
			}
		})
	}
	verified(t, db)
}

// A tombstone is obeyed only if it is one of ours.
func TestAForgedTombstoneDestroysNothing(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	done(t, err)
	i := created(t, db, ride(t, 1, 1), noon)
	explained(t, db, mapping.ObjectID(mapping.KindInteraction, i.ID), "complaint of the rider", noon)
	entry := auditKey(uint64(len(entries(t, db)) - 1))
	reason := binary.BigEndian.Uint32(row(t, db, bucketReasons, entry)[leafSize:])
	other := mapping.NewID(noon, [10]byte{9})
	undo := forged(t, db, bucketTombstones, other[:], func([]byte) []byte {
		return append(append(binary.BigEndian.AppendUint64(nil, uint64(noon.UnixMilli())),
			(dayAt(noon)|forReasons).key()...), binary.BigEndian.AppendUint32(nil, reason)...)
	})
	done(t, db.Close())
	if _, err := Open(o, noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("open: %v", err)
	}
	file, err := openFile(o.Path)
	done(t, err)
	db.file = file
	undo()
	done(t, file.Close())
	db = opened(t, o)
	verified(t, db)
	if rows, _ := db.AuditLog().Rows(0, maxPage); rows[len(rows)-1].Entry.Reason != "complaint of the rider" {
		t.Errorf("the last entry's reason is %q", rows[len(rows)-1].Entry.Reason)
	}
}

// asSchema4 takes all warrants out of a closed store.
func asSchema4(t *testing.T, o Options) {
	t.Helper()
	file, err := openFile(o.Path)
	done(t, err)
	done(t, file.Update(func(tx *bolt.Tx) error {
		for b, cut := range map[bucket]func(row []byte) []byte{
			bucketInteractions: func(row []byte) []byte { row[0] &^= warrantMarkByte; return slices.Delete(row, leafSize, titleSize) },
			bucketCDRs: func(row []byte) []byte {
				row[0] &^= warrantMarkByte
				return slices.Delete(row, ownerSize-warrantSize, ownerSize)
			},
			bucketTombstones: func(row []byte) []byte { row[0] &^= warrantMarkByte; return row[:len(row)-warrantSize] },
			bucketRecordings: func(row []byte) []byte { return row[:len(row)-warrantSize] },
			bucketReasons: func(row []byte) []byte {
				row[leafSize] &^= warrantMarkByte
				return slices.Delete(row, 2*leafSize+1, 2*leafSize+1+warrantSize)
			},
		} {
			rows := make(map[string][]byte)
			done(t, b.in(tx).ForEach(func(key, row []byte) error { rows[string(key)] = cut(bytes.Clone(row)); return nil }))
			for key, row := range rows {
				done(t, b.in(tx).Put([]byte(key), row))
			}
		}
		return bucketMeta.in(tx).Put(metaSchema, binary.BigEndian.AppendUint32(nil, 4))
	}))
	done(t, file.Close())
	root, err := rootKey(o, false)
	done(t, err)
	keys, err := openKeys(KeysBeside(o.Path), root, nil)
	done(t, err)
	bare := *keys.set.Load()
	bare.warrants, bare.since = keySecret{}, 0
	done(t, keys.put(&bare))
}

// A store of schema 4 has no warrants. What it has is read, erased and destroyed as it was;
// what is made from the day after it was opened on has one.
func TestAStoreOfSchema4(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	done(t, err)
	kept, gone := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	calls := []mapping.CDR{callOf(1, &kept), callOf(2, &gone), stray(t, 61), stray(t, 62)}
	for _, c := range calls {
		db.Record(c)
	}
	flushed(t, db)
	for _, i := range []*mapping.Interaction{&kept, &gone} {
		explained(t, db, mapping.ObjectID(mapping.KindInteraction, i.ID), "complaint of the rider", noon)
	}
	covered, err := db.CoverRecording(t.Context(), kept.ID, calls[0].Call, []byte("what opens it"))
	done(t, err)
	done(t, second(db.Erase(t.Context(), gone.ID, noon)))
	done(t, db.EraseCall(t.Context(), calls[3].Call, noon))
	checkAndClose(t, db)
	asSchema4(t, o)
	l, file, err := OpenAudit(o)
	done(t, err)
	if _, report := exported(t, l); !report.OK() {
		t.Errorf("before it is opened: %v", report.Findings)
	}
	done(t, file.Close())

	db, err = Open(o, noon)
	done(t, err)
	verified(t, db)
	if text := outward(t, db); bytes.Count(text, []byte("complaint of the rider")) != 1 {
		t.Errorf("of two reasons, one erased, there are\n%s", text)
	}
	done(t, second(db.Interaction(kept.ID)))
	for n, c := range calls {
		if _, err := db.CDR(c.Call); (n%2 == 0) != (err == nil) {
			t.Errorf("call %d: %v", n, err)
		}
	}
	done(t, second(db.Erase(t.Context(), kept.ID, noon)))
	if _, err := db.UncoverRecording(calls[0].Call, covered); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its recording: %v", err)
	}
	db = reopened(t, o, db)
	later := created(t, db, ride(t, 3, 3), noon.Add(2*requestLife))
	undo := forged(t, db, bucketInteractions, later.ID[:], func(row []byte) []byte { return row[:leafSize] })
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("a row without its warrant: %v", err)
	}
	undo()
	checkAndClose(t, db)
}
