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
		for _, k := range recordingKeysOf(tx, interaction) {
			if k.call == call && !k.record {
				stone.keys = append(stone.keys, k.buriedKey)
			}
		}
		return nil
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
// interaction. Its value is empty if that is a recording's, and else the key's day.
func recordingRow(interaction, call mapping.ID, leaf uint32) []byte {
	row := append(interaction[:len(interaction):len(interaction)], call[:]...)
	return binary.BigEndian.AppendUint32(row, leaf)
}

// recordingKeysOf returns the keys of an interaction's recordings and calls.
func recordingKeysOf(tx *bolt.Tx, interaction mapping.ID) (keys []recordingKey) {
	const size = 2*len(mapping.ID{}) + leafSize
	cursor := bucketRecordings.in(tx).Cursor()
	for row, of := cursor.Seek(interaction[:]); bytes.HasPrefix(row, interaction[:]); row, of = cursor.Next() {
		if len(row) != size {
			continue
		}
		call := mapping.ID(row[len(interaction):])
		k := recordingKey{buriedKey{dayOf(call), binary.BigEndian.Uint32(row[size-leafSize:])}, call, len(of) > 0}
		if len(of) == len(k.day.key()) {
			k.day = day(binary.BigEndian.Uint32(of))
		}
		keys = append(keys, k)
	}
	return keys
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
	if bucketInteractions.in(t.Tx).Get(c.interaction[:]) == nil || bucketTombstones.in(t.Tx).Get(c.call[:]) != nil {
		return mapping.ErrNotFound // it or the call was erased: nothing of it is recorded any more
	}
	return t.put(bucketRecordings, recordingRow(c.interaction, c.call, c.leaf), []byte{})
}

func (c *covering) settle(err error) { c.done <- err }
