package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// A recording lies in a file of its own, encrypted to its auditors. What opens it
// for them is covered by a key of ours, one for each recording: when that is
// destroyed, no copy of the file is ever heard again.

// CoverRecording covers what opens the recording of a call. When it returns, the
// key that uncovers it is durable.
func (db *DB) CoverRecording(ctx context.Context, interaction, call mapping.ID, plain []byte) ([]byte, error) {
	c := &covering{db: db, interaction: interaction, call: call, done: newAnswer()}
	if _, err := db.submit(ctx, c, maxRecords, c.done); err != nil {
		return nil, fmt.Errorf("cover recording: %w", err)
	}
	key, err := db.keys.sealer(dayOf(call), c.leaf)
	if err != nil {
		return nil, fmt.Errorf("cover recording: %w", err)
	}
	return append(binary.BigEndian.AppendUint32(nil, c.leaf), place{bucketRecordings, call[:]}.seal(key, plain)...), nil
}

// UncoverRecording gives back what was covered; [mapping.ErrNotFound] if the
// recording was erased.
func (db *DB) UncoverRecording(call mapping.ID, covered []byte) ([]byte, error) {
	leaf, sealed, err := splitKey(covered)
	if err != nil {
		return nil, fmt.Errorf("uncover recording: %w", err)
	}
	key, err := db.keys.sealer(dayOf(call), leaf)
	if err != nil {
		return nil, fmt.Errorf("uncover recording: %w", err)
	}
	return place{bucketRecordings, call[:]}.open(key, sealed)
}

// EraseRecording destroys what opens the recordings of a call, durably. Its
// interaction stays.
func (db *DB) EraseRecording(interaction, call mapping.ID) error {
	var stone tombstone
	err := db.file.View(func(tx *bolt.Tx) error {
		keys, err := db.keys.recordingKeys(tx, interaction)
		for _, k := range keys {
			if k.call == call && !k.record {
				stone.keys = append(stone.keys, k.buriedKey)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return db.destroyOf(stone)
}

// recordingKey is a key of a call, that goes with its interaction.
type recordingKey struct {
	buriedKey
	call   mapping.ID
	record bool // it seals the call's record, or did; else a recording
}

// recordingRows returns the rows of an interaction's recordings: interaction, call
// and leaf.
func recordingRows(tx *bolt.Tx, interaction mapping.ID) (rows [][]byte) {
	cursor := bucketRecordings.in(tx).Cursor()
	for row, _ := cursor.Seek(interaction[:]); bytes.HasPrefix(row, interaction[:]); row, _ = cursor.Next() {
		rows = append(rows, bytes.Clone(row))
	}
	return rows
}

// recordingRow is the row that notes a key of a call, to be destroyed with its
// interaction. Its value is the key's day, or nothing if that is a recording's, and a
// warrant; which it does not have before schema 5.
func recordingRow(interaction, call mapping.ID, leaf uint32) []byte {
	row := append(interaction[:len(interaction):len(interaction)], call[:]...)
	return binary.BigEndian.AppendUint32(row, leaf)
}

// putRecordingRow notes a key of a call.
func (t *txn) putRecordingRow(interaction, call mapping.ID, key buriedKey, value []byte) error {
	row := recordingRow(interaction, call, key.leaf)
	w := t.keys.warrant(place{bucketRecordings, row}, key)
	return t.put(bucketRecordings, row, append(value, w[:]...))
}

// recordingKeys returns the keys of an interaction's recordings and calls.
func (k *keyring) recordingKeys(tx *bolt.Tx, interaction mapping.ID) (keys []recordingKey, err error) {
	cursor := bucketRecordings.in(tx).Cursor()
	for row, value := cursor.Seek(interaction[:]); bytes.HasPrefix(row, interaction[:]); row, value = cursor.Next() {
		key, err := k.recordingKey(row, value)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// recordingKey reads one row.
func (k *keyring) recordingKey(row, value []byte) (r recordingKey, err error) {
	const id = len(mapping.ID{})
	if len(row) != 2*id+leafSize {
		return r, fmt.Errorf("read key of call: %w", ErrDamaged)
	}
	r.call = mapping.ID(row[id:])
	r.buriedKey = buriedKey{dayOf(r.call), binary.BigEndian.Uint32(row[2*id:])}
	var warrant []byte
	if len(value) >= warrantSize {
		value, warrant = value[:len(value)-warrantSize], value[len(value)-warrantSize:]
	}
	if r.record = len(value) == len(r.day.key()); r.record {
		r.day = day(binary.BigEndian.Uint32(value))
	}
	if err := k.confirm(place{bucketRecordings, row}, dayOf(r.call), warrant, r.buriedKey); err != nil {
		return r, fmt.Errorf("read key of call: %w", err)
	}
	return r, nil
}

// covering is the change that notes the key of a recording.
type covering struct {
	db                *DB
	interaction, call mapping.ID
	done              answer
	leaf              uint32 // the writer's, and the caller's once done has answered
}

func (c *covering) apply(t *txn) (err error) {
	if c.leaf, err = t.keys.leaf(dayOf(c.call)); err != nil {
		return err
	}
	if bucketInteractions.in(t.Tx).Get(c.interaction[:]) == nil || t.isErased(c.call) {
		return mapping.ErrNotFound // it or the call was erased: nothing of it is recorded any more
	}
	return t.putRecordingRow(c.interaction, c.call, buriedKey{dayOf(c.call), c.leaf}, nil)
}

func (c *covering) settle(err error) { c.done.give(err) }
