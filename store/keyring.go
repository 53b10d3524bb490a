package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"

	"maskd/audit"
	"maskd/mapping"
)

// keyring holds the keys. Look-ups read the set without a lock; data keys are
// derived, and kept for a moment only.
type keyring struct {
	// Immutable.
	path     string // of the file of keys
	rand     io.Reader
	names    *namings    // digest what tenants call things
	block    *mac        // digests numbers that are blocked
	warrants *mac        // makes warrants; set before the store is used
	blocking cipher.AEAD // seals their blocks, which outlive any day's key
	signer   note.Signer
	verifier note.Verifier

	set     atomic.Pointer[keySet] // what the file has
	ciphers ciphers                // of its leaves

	// Guarded by mu, which is held while the file is written.
	mu    sync.Mutex
	wraps []cipher.AEAD  // seal the file: the root key's, and in a rotation that of the next
	stale bool           // the file has a copy of a root key that is replaced
	given map[day]uint32 // the next leaf of a day
}

// wrapOf derives from a root key what seals the file of keys (HKDF, RFC 5869).
func wrapOf(root []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, root, nil, "maskd store keys", keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return newAEAD(key)
}

// nextOf derives from a root key what seals a copy for it while it waits to be used.
// The copies of the root keys before have that in them, to keep this one up to date.
// So it is not what seals the file from then on: who had one of those opens nothing
// of later.
func nextOf(root []byte) (keySecret, error) {
	key, err := hkdf.Key(sha256.New, root, nil, "maskd store keys next", keySize)
	if err != nil {
		return keySecret{}, fmt.Errorf("derive key: %w", err)
	}
	return keySecret(key), nil
}

// openKeys opens the file of keys.
func openKeys(path string, root []byte, rand io.Reader) (*keyring, error) {
	wrap, err := wrapOf(root)
	if err != nil {
		return nil, err
	}
	s, replaced, err := readKeys(path, wrap)
	if errors.Is(err, ErrKeyWrong) {
		s, replaced, err = readNext(path, root)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrKeysMissing
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k, err := newKeyring(path, s, wrap, rand)
	if err != nil {
		return nil, err
	}
	k.stale = replaced
	return k, nil
}

// readNext opens the copy for a root key that has waited, and does no longer.
func readNext(path string, root []byte) (s *keySet, replaced bool, err error) {
	key, err := nextOf(root)
	if err != nil {
		return nil, false, err
	}
	wrap, err := newAEAD(key[:])
	if err != nil {
		return nil, false, err
	}
	if s, replaced, err = readKeys(path, wrap); err != nil {
		return nil, false, err
	}
	return s.waiting(keySecret{}), replaced, nil
}

// makeKeys draws the keys of a new store and writes their file.
func makeKeys(path string, root []byte, rand io.Reader) (*keyring, error) {
	s := &keySet{days: make(map[day]*dayKeys)}
	for _, secret := range []*keySecret{&s.store, &s.external, &s.reference, &s.tenants, &s.block, &s.blocking, &s.warrants} {
		if _, err := io.ReadFull(rand, secret[:]); err != nil {
			return nil, fmt.Errorf("draw key: %w", err)
		}
	}
	return writeNewKeys(path, root, s, rand)
}

// writeNewKeys adds the key of the audit log and writes the file.
func writeNewKeys(path string, root []byte, s *keySet, rand io.Reader) (k *keyring, err error) {
	if s.signer, s.verifier, err = audit.NewKey(rand); err != nil {
		return nil, err
	}
	wrap, err := wrapOf(root)
	if err != nil {
		return nil, err
	}
	if err := writeKeys(path, s, wrap); err != nil {
		return nil, err
	}
	return newKeyring(path, s, wrap, rand)
}

func newKeyring(path string, s *keySet, wrap cipher.AEAD, rand io.Reader) (k *keyring, err error) {
	k = &keyring{
		path: path, rand: rand, wraps: []cipher.AEAD{wrap}, given: make(map[day]uint32),
		names: &namings{
			own:  naming{external: newMAC(s.external[:]), reference: newMAC(s.reference[:]), request: newMAC(s.request[:])},
			root: s.tenants[:],
		},
		block: newMAC(s.block[:]), warrants: newMAC(s.warrants[:]),
	}
	if k.blocking, err = newAEAD(s.blocking[:]); err != nil {
		return nil, err
	}
	if k.signer, err = note.NewSigner(s.signer); err == nil {
		k.verifier, err = note.NewVerifier(s.verifier)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the key of the audit log can't be read", ErrDamaged)
	}
	k.set.Store(s)
	return k, nil
}

// proofText is sealed into a new store under a key of its own: keys and store
// belong together, whatever the root key.
const proofText = "maskd store"

func (k *keyring) proof() ([]byte, error) {
	key, err := newAEAD(k.set.Load().store[:])
	if err != nil {
		return nil, err
	}
	return place{bucketMeta, metaCheck}.seal(key, []byte(proofText)), nil
}

func (k *keyring) prove(sealed []byte) error {
	key, err := newAEAD(k.set.Load().store[:])
	if err != nil {
		return err
	}
	if _, err := (place{bucketMeta, metaCheck}).open(key, sealed); err != nil {
		return fmt.Errorf("%s: %w", k.path, ErrKeysOther)
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

// drawShorthand returns what makes digests for memory, under a key of its own.
func (k *keyring) drawShorthand() (*shorthand, error) {
	key, err := k.draw()
	if err != nil {
		return nil, err
	}
	return newShorthand(key)
}

// day is a day in UTC, counted from 1970-01-01. What was made on a day has its
// keys in a tree of that day, so that retention destroys one root. Its upper bits
// say which tree: what is kept for another time has another one.
type day uint32

// The trees of a day. Before schema 4 the first had the keys of all.
const (
	forInteractions day = iota << 28 // and their recordings
	forNobody                        // calls of no interaction
	forReasons                       // of audit entries
	forRequests                      // that can be sent again
	forEvents
)

// date is the day alone.
func (d day) date() day { return d & (1<<28 - 1) }

const secondsPerDay = 24 * 60 * 60

// dayOf returns the day on which an id was made.
func dayOf(id mapping.ID) day { return dayAt(id.Time()) }

// dayAt returns the day of a time.
func dayAt(at time.Time) day { return day(at.Unix() / secondsPerDay) }

func (d day) key() []byte { return binary.BigEndian.AppendUint32(nil, uint32(d)) }

// reservation is how many leaves are reserved in the file at once: the rest of
// them is passed over at the next start, so that no leaf is ever given out
// twice and no create writes the file.
const reservation = 1 << 18

// leaf gives out the next leaf of a day's tree. It is never zero. The day gets
// its tree, durably, when its first leaf is asked for.
func (k *keyring) leaf(d day) (uint32, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.set.Load()
	keys := s.days[d]
	next, begun := k.given[d]
	if keys == nil || !begun || next == keys.reserved {
		grown, err := k.reserve(keys)
		if err != nil {
			return 0, err
		}
		if err := k.put(s.with(d, grown)); err != nil {
			return 0, fmt.Errorf("%w: %w", mapping.ErrUnavailable, err)
		}
		next = grown.reserved - reservation
	}
	next = max(next, 1)
	k.given[d] = next + 1
	return next, nil
}

// reserve returns the keys with more leaves to give out; nil keys are a new tree.
func (k *keyring) reserve(keys *dayKeys) (*dayKeys, error) {
	if keys == nil {
		raw, err := k.draw()
		if err != nil {
			return nil, err
		}
		return &dayKeys{foliage: foliage{branch: branch{{secret: keySecret(raw)}}}, reserved: reservation}, nil
	}
	if keys.reserved > warrantMark-1-reservation {
		return nil, fmt.Errorf("%w: this day has no more keys", mapping.ErrUnavailable)
	}
	return &dayKeys{foliage: foliage{branch: keys.branch}, reserved: keys.reserved + reservation}, nil
}

// put makes a set the one that holds, once the file has it. mu is held.
func (k *keyring) put(s *keySet) error {
	under := k.wraps
	if s.next != (keySecret{}) {
		next, err := newAEAD(s.next[:])
		if err != nil {
			return err
		}
		under = append(slices.Clip(under), next)
	}
	if err := writeKeys(k.path, s, under...); err != nil {
		return err
	}
	k.stale = false
	k.set.Store(s)
	k.ciphers.forget()
	return nil
}

// secret returns the key of a leaf, or [errDestroyed].
func (k *keyring) secret(d day, leaf uint32) (keySecret, error) {
	keys := k.set.Load().days[d]
	if keys == nil {
		return keySecret{}, errDestroyed
	}
	return keys.key(leaf)
}

// sealer returns the cipher of a leaf, or [errDestroyed].
func (k *keyring) sealer(d day, leaf uint32) (cipher.AEAD, error) {
	return k.ciphers.of(buriedKey{d, leaf}, k.secret)
}

// data returns the data key of an interaction.
func (k *keyring) data(tx *bolt.Tx, id mapping.ID) (cipher.AEAD, error) {
	v := viewOf(tx)
	t, wrapped, err := v.title(id)
	if errors.Is(err, errKeyMissing) {
		err = k.missing(v, id)
	}
	if err != nil {
		return nil, err
	}
	return k.unwrap(id, t, wrapped)
}

// missing is [errDestroyed] if an interaction has no key any more because it was erased.
func (k *keyring) missing(v *view, id mapping.ID) error {
	row := v.tombstones.Get(id[:])
	if row == nil {
		return errKeyMissing
	}
	if _, err := k.tombstone(id, row); err != nil {
		return err
	}
	return errDestroyed
}

// unwrap returns the data key of an interaction, which is that of its leaf or
// wrapped by it.
func (k *keyring) unwrap(id mapping.ID, t title, wrapped []byte) (cipher.AEAD, error) {
	key, err := k.sealer(dayOf(id), t.leaf)
	if err != nil {
		return nil, k.confirmDestroyed(id, t, err)
	}
	if wrapped == nil {
		return key, nil
	}
	return openKey(id, key, wrapped)
}

// openKey returns the data key that another has wrapped.
func openKey(id mapping.ID, key cipher.AEAD, wrapped []byte) (cipher.AEAD, error) {
	raw, err := place{bucketKeys, id[:]}.open(key, wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	return newAEAD(raw)
}

// tidy takes out of the file what root keys open that were replaced.
func (k *keyring) tidy() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.stale {
		return nil
	}
	return k.put(k.set.Load())
}
