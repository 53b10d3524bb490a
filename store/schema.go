package store

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// schemaVersion is the version of buckets and records that this package
// writes. Version 2 added fields to the records of interactions; version 3 put
// the keys into a file of their own, and has an audit log, tenants and a block list;
// version 4 counts calls by the hour, has block lists of tenants and an outbox, and the
// number of an interaction's key with its record; version 5 has warrants. An older file is read
// as it is, with the defaults of what it lacks, and becomes one of this version
// when it is opened.
const schemaVersion = 5

// keyFileVersion is the first whose keys are in a file of their own.
const keyFileVersion = 3

// sealingVersion is the version of how records are sealed, and is sealed with
// each of them.
const sealingVersion = 1

// bucket names a bucket of the file.
type bucket string

// The buckets. Keys are in clear and are ids, days or digests; every value
// that could tell something of a party is sealed.
const (
	bucketMeta         bucket = "meta"         // schema -> version; check -> a sealed text that proves the root key
	bucketDays         bucket = "days"         // day -> day key, sealed under the root key; before schema 3 only
	bucketKeys         bucket = "keys"         // interaction -> number of its key, before schema 4; and before schema 3 the key, sealed
	bucketInteractions bucket = "interactions" // interaction -> number of its key, its warrant, and record sealed under that; see [record]
	bucketExternal     bucket = "external"     // digest of the external id -> interaction
	bucketCDRs         bucket = "cdrs"         // call -> interaction or its own key, its warrant, and record sealed under that
	bucketLive         bucket = "live"         // call -> what was told of it: the calls whose record is not final
	bucketNumbers      bucket = "numbers"      // DID -> what operators said of it; from schema 2 on
	bucketBlocks       bucket = "blocks"       // digest of a number, or of a pair -> block, sealed; from schema 3 on

	// From schema 3 on.
	bucketOwnInteractions bucket = "own_interactions" // tenant and interaction -> nothing, but for the default tenant
	bucketOwnCDRs         bucket = "own_cdrs"         // tenant and call -> nothing, but for the default tenant
	bucketAudit           bucket = "audit"            // index -> check and leaf of an entry; from schema 3 on
	bucketTiles           bucket = "audit_tiles"      // level and number -> hash of a tile of the log; the last checkpoint
	bucketRecordings      bucket = "recordings"       // interaction, call and the number of a key of its -> nothing if it is a recording's, the day if it is its record's; and a warrant
	bucketTombstones      bucket = "tombstones"       // interaction or call -> when it was erased, the keys that are destroyed, and a warrant
	bucketReasons         bucket = "audit_reason"     // index -> number of a key, its warrant, and an entry's reason sealed under it

	// From schema 4 on.
	bucketOwnBlocks  bucket = "own_blocks" // tenant and block -> nothing, but for the default tenant and the house
	bucketAllotments bucket = "allotments" // hour and digest of what is bounded -> answered calls of that hour
	bucketOutbox     bucket = "outbox"     // tenant and number of an event -> it and more of the same commit, sealed
	bucketWebhooks   bucket = "webhooks"   // name of an endpoint -> how far it has been told
)

var (
	metaSchema = []byte("schema")
	metaCheck  = []byte("check")
	metaPruned = []byte("audit_pruned") // the first entry of the audit log that is not pruned
)

// buckets lists those of a version.
func buckets(version uint32) []bucket {
	all := []bucket{bucketMeta, bucketKeys, bucketInteractions, bucketExternal, bucketCDRs, bucketLive}
	if version < keyFileVersion {
		all = append(all, bucketDays)
	}
	if version >= 2 {
		all = append(all, bucketNumbers)
	}
	if version >= 3 {
		all = append(all, bucketAudit, bucketTiles, bucketReasons, bucketOwnInteractions, bucketOwnCDRs, bucketBlocks,
			bucketRecordings, bucketTombstones)
	}
	if version >= 4 {
		all = append(all, bucketAllotments, bucketOwnBlocks, bucketOutbox, bucketWebhooks)
	}
	return all
}

// in returns the bucket within a transaction; [verifySchema] has seen that it
// exists.
func (b bucket) in(tx *bolt.Tx) *bolt.Bucket { return tx.Bucket([]byte(b)) }

// versionOf returns the version of a file, and zero if it has no bucket at all.
func versionOf(file volume) (version uint32, err error) {
	err = file.View(func(tx *bolt.Tx) error {
		empty := true
		if err := tx.ForEach(func([]byte, *bolt.Bucket) error { empty = false; return nil }); err != nil || empty {
			return err
		}
		meta := bucketMeta.in(tx)
		if meta == nil {
			return fmt.Errorf("%w: it is some other bbolt file", ErrDamaged)
		}
		text := meta.Get(metaSchema)
		if len(text) != 4 || binary.BigEndian.Uint32(text) == 0 {
			return fmt.Errorf("%w: it has no schema version", ErrDamaged)
		}
		if version = binary.BigEndian.Uint32(text); version > schemaVersion {
			return fmt.Errorf("%w: schema %d, this one reads %d", ErrNewer, version, schemaVersion)
		}
		return nil
	})
	return version, err
}

// initialise makes the buckets of a new store in one commit.
func initialise(file volume, k *keyring) error {
	check, err := k.proof()
	if err != nil {
		return err
	}
	return file.Update(func(tx *bolt.Tx) error {
		for _, b := range buckets(schemaVersion) {
			if _, err := tx.CreateBucket([]byte(b)); err != nil {
				return fmt.Errorf("make bucket %s: %w", b, err)
			}
		}
		meta := bucketMeta.in(tx)
		if err := meta.Put(metaSchema, binary.BigEndian.AppendUint32(nil, schemaVersion)); err != nil {
			return err
		}
		return meta.Put(metaCheck, check)
	})
}

// upgrade makes a file of an older version, whose keys are in a file of their own, one
// of this version, in one commit: it has the buckets that were added since.
func upgrade(file volume, version uint32) error {
	if version == schemaVersion {
		return nil
	}
	return file.Update(func(tx *bolt.Tx) error {
		for _, b := range buckets(schemaVersion) {
			if _, err := tx.CreateBucketIfNotExists([]byte(b)); err != nil {
				return fmt.Errorf("make bucket %s: %w", b, err)
			}
		}
		return bucketMeta.in(tx).Put(metaSchema, binary.BigEndian.AppendUint32(nil, schemaVersion))
	})
}

// verifySchema reports whether the file has what its version has, and belongs to
// these keys.
func verifySchema(file volume, version uint32, k *keyring) error {
	return file.View(func(tx *bolt.Tx) error {
		if err := hasBuckets(tx, version); err != nil {
			return err
		}
		return k.prove(bucketMeta.in(tx).Get(metaCheck))
	})
}

func hasBuckets(tx *bolt.Tx, version uint32) error {
	for _, b := range buckets(version) {
		if b.in(tx) == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrDamaged, b)
		}
	}
	return nil
}
