package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// keyring holds the keys: the root key's sub-keys, and the day keys met so far.
// Data keys are unsealed for each read and not kept.
type keyring struct {
	// Immutable.
	wrap     cipher.AEAD // seals day keys
	names    *namings    // digest what tenants call things
	block    *mac        // digests numbers that are blocked
	blocking cipher.AEAD // seals their blocks, which outlive any day's key
	rand     io.Reader

	// Guarded by mu. Only keys that are committed are here.
	mu   sync.RWMutex
	days map[day]cipher.AEAD
}

// newKeyring derives the sub-keys of a root key (HKDF, RFC 5869).
func newKeyring(root []byte, rand io.Reader) (*keyring, error) {
	k := &keyring{rand: rand, days: make(map[day]cipher.AEAD)}
	uses := [...]string{"maskd store wrap", "maskd store external", "maskd store reference", "maskd store request",
		"maskd store tenants", "maskd store block", "maskd store blocking"}
	var sub [len(uses)][]byte
	for i, use := range uses {
		key, err := hkdf.Key(sha256.New, root, nil, use, keySize)
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		sub[i] = key
	}
	var err error
	if k.wrap, err = newAEAD(sub[0]); err != nil {
		return nil, err
	}
	if k.blocking, err = newAEAD(sub[6]); err != nil {
		return nil, err
	}
	k.names = &namings{own: naming{external: newMAC(sub[1]), reference: newMAC(sub[2]), request: newMAC(sub[3])}, root: sub[4]}
	k.block = newMAC(sub[5])
	return k, nil
}

// proofText is sealed into a new store. Whoever opens it has the root key.
const proofText = "maskd store"

func (k *keyring) proof() ([]byte, error) {
	return place{bucketMeta, metaCheck}.seal(k.wrap, []byte(proofText)), nil
}

func (k *keyring) prove(sealed []byte) error {
	if _, err := (place{bucketMeta, metaCheck}).open(k.wrap, sealed); err != nil {
		return ErrKeyWrong
	}
	return nil
}

// draw returns a new random key.
func (k *keyring) draw() ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(k.rand, key); err != nil {
		return nil, fmt.Errorf("draw key: %w", err)
	}
	return key, nil
}

// day is a day in UTC, counted from 1970-01-01. What was made on a day has its
// keys sealed under that day's key, so that retention destroys one key.
type day uint32

const secondsPerDay = 24 * 60 * 60

// dayOf returns the day on which an id was made.
func dayOf(id mapping.ID) day { return day(id.Time().Unix() / secondsPerDay) }

func (d day) key() []byte { return binary.BigEndian.AppendUint32(nil, uint32(d)) }

// kept returns the key of a day if it was read or committed since the start.
func (k *keyring) kept(d day) (cipher.AEAD, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.days[d]
	return key, ok
}

// day returns the key of a day that the file has.
func (k *keyring) day(tx *bolt.Tx, d day) (cipher.AEAD, error) {
	if key, ok := k.kept(d); ok {
		return key, nil
	}
	key, err := k.loadDay(tx, d)
	if err == nil && !tx.Writable() {
		k.keep(d, key)
	}
	return key, err
}

func (k *keyring) loadDay(tx *bolt.Tx, d day) (cipher.AEAD, error) {
	sealed := bucketDays.in(tx).Get(d.key())
	if sealed == nil {
		return nil, fmt.Errorf("find key of day %d: %w", d, ErrDamaged)
	}
	raw, err := place{bucketDays, d.key()}.open(k.wrap, sealed)
	if err != nil {
		return nil, err
	}
	return newAEAD(raw)
}

func (k *keyring) keep(d day, key cipher.AEAD) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.days[d] = key
}

// data returns the data key of an interaction.
func (k *keyring) data(tx *bolt.Tx, id mapping.ID) (cipher.AEAD, error) {
	sealed := bucketKeys.in(tx).Get(id[:])
	if sealed == nil {
		return nil, fmt.Errorf("find key of interaction: %w", ErrDamaged)
	}
	wrap, err := k.day(tx, dayOf(id))
	if err != nil {
		return nil, err
	}
	raw, err := place{bucketKeys, id[:]}.open(wrap, sealed)
	if err != nil {
		return nil, err
	}
	return newAEAD(raw)
}
