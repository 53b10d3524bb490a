package store

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// schemaVersion is the version of buckets and records that this package
// writes. Version 2 added fields to the records of interactions, version 3
// tenants and the block list. An older file is read as it is, with the defaults of
// what it lacks, and becomes one of this version when it is opened.
const schemaVersion = 3

// sealingVersion is the version of how records are sealed, and is sealed with
// each of them.
const sealingVersion = 1

// bucket names a bucket of the file.
type bucket string

// The buckets. Keys are in clear and are ids, days or digests; every value
// that could tell something of a party is sealed.
const (
	bucketMeta         bucket = "meta"         // schema -> version; check -> a sealed text that proves the root key
	bucketDays         bucket = "days"         // day -> day key, sealed under the root key
	bucketKeys         bucket = "keys"         // interaction -> its data key, sealed under the key of its day
	bucketInteractions bucket = "interactions" // interaction -> record, sealed under its data key
	bucketExternal     bucket = "external"     // digest of the external id -> interaction
	bucketCDRs         bucket = "cdrs"         // call -> interaction and record, sealed under its data key or the day's
	bucketLive         bucket = "live"         // call -> nothing: the calls whose record is not final
	bucketNumbers      bucket = "numbers"      // DID -> what operators said of it; from schema 2 on
	bucketBlocks       bucket = "blocks"       // digest of a number, or of a pair -> block, sealed; from schema 3 on

	// From schema 3 on.
	bucketOwnInteractions bucket = "own_interactions" // tenant and interaction -> nothing, but for the default tenant
	bucketOwnCDRs         bucket = "own_cdrs"         // tenant and call -> nothing, but for the default tenant
)

var (
	metaSchema = []byte("schema")
	metaCheck  = []byte("check")
)

// buckets lists those of a version.
func buckets(version uint32) []bucket {
	all := []bucket{bucketMeta, bucketDays, bucketKeys, bucketInteractions, bucketExternal, bucketCDRs, bucketLive}
	if version >= 2 {
		all = append(all, bucketNumbers)
	}
	if version >= 3 {
		all = append(all, bucketOwnInteractions, bucketOwnCDRs, bucketBlocks)
	}
	return all
}

// in returns the bucket within a transaction; [verifySchema] has seen that it
// exists.
func (b bucket) in(tx *bolt.Tx) *bolt.Bucket { return tx.Bucket([]byte(b)) }

// isNew reports whether the file has no bucket at all.
func isNew(file *bolt.DB) (bool, error) {
	empty := true
	err := file.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func([]byte, *bolt.Bucket) error { empty = false; return nil })
	})
	return empty, err
}

// initialise makes the buckets of a new store in one commit.
func initialise(file *bolt.DB, k *keyring) error {
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

// verifySchema reports whether the file is a store of this version, made with
// these keys.
func verifySchema(file *bolt.DB, k *keyring) error {
	return file.View(func(tx *bolt.Tx) error {
		meta := bucketMeta.in(tx)
		if meta == nil {
			return fmt.Errorf("%w: it is some other bbolt file", ErrDamaged)
		}
		version := meta.Get(metaSchema)
		if len(version) != 4 {
			return fmt.Errorf("%w: it has no schema version", ErrDamaged)
		}
		v := binary.BigEndian.Uint32(version)
		if v > schemaVersion {
			return fmt.Errorf("%w: schema %d, this one reads %d", ErrNewer, v, schemaVersion)
		}
		for _, b := range buckets(v) {
			if b.in(tx) == nil {
				return fmt.Errorf("%w: bucket %s is missing", ErrDamaged, b)
			}
		}
		return k.prove(meta.Get(metaCheck))
	})
}

// upgrade makes a verified file of an older version one of this version, so
// that an older maskd refuses it and does not take its new fields for damage.
func upgrade(file *bolt.DB) error {
	var version uint32
	err := file.View(func(tx *bolt.Tx) error {
		version = binary.BigEndian.Uint32(bucketMeta.in(tx).Get(metaSchema))
		return nil
	})
	if err != nil || version == schemaVersion {
		return err
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
