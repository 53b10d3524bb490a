package store

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// keyFileHead begins the file of keys.
const keyFileHead = "maskd keys 1\n"

// maxKeys bounds what is read of the file of keys: half a million destroyed
// keys leave less.
const maxKeys = 1 << 30

// keySet is all that the file of keys holds. It is never changed: who changes
// something makes another one, and the file is written whole. So nothing of
// what was destroyed is left in it.
type keySet struct {
	store     keySecret // proves that keys and store belong together
	external  keySecret // digests external ids in the store
	reference keySecret // makes references to numbers
	request   keySecret // of before schema 4: digests keys of requests, and what was asked
	tenants   keySecret // makes keys of the same three uses for each tenant
	block     keySecret // digests numbers that are blocked
	blocking  keySecret // seals their blocks
	warrants  keySecret // makes warrants of what rows say of their keys
	since     day       // what was made on or after it has a warrant
	next      keySecret // seals a copy for the root key that waits to be used; zero: none does
	signer    string    // signs checkpoints of the audit log
	verifier  string    // its public half
	days      map[day]*dayKeys
}

// dayKeys is the tree of a day's keys.
type dayKeys struct {
	foliage
	reserved uint32 // leaves below this one may have been given out
}

// waiting returns the set that has the key of a root key that waits; zero: none does.
func (s *keySet) waiting(next keySecret) *keySet {
	with := *s
	with.next = next
	return &with
}

// with returns the set in which the day has these keys; nil: none any more.
func (s *keySet) with(d day, keys *dayKeys) *keySet {
	next := *s
	next.days = maps.Clone(s.days)
	if next.days[d] = keys; keys == nil {
		delete(next.days, d)
	}
	return &next
}

// The fields of the file of keys, in clear. Those of a node belong to the day
// before it.
const (
	keyStore byte = iota + 1
	keyExternal
	keyReference
	keyRequest
	keySigner
	keyVerifier
	keyTenants
	keyBlock
	keyBlocking
	keyDay  // day and leaves reserved, 4 bytes each
	keyNode // depth, prefix and secret
	keyWarrants
	keySince // day, 4 bytes
	keyNext
)

func (s *keySet) encode() []byte {
	f := make(fields, 0, 512+len(s.days)*64)
	f = f.text(keyStore, string(s.store[:]))
	f = f.text(keyExternal, string(s.external[:]))
	f = f.text(keyReference, string(s.reference[:]))
	f = f.text(keyRequest, string(s.request[:]))
	f = f.text(keyTenants, string(s.tenants[:]))
	f = f.text(keyBlock, string(s.block[:]))
	f = f.text(keyBlocking, string(s.blocking[:]))
	f = f.text(keySigner, s.signer)
	f = f.text(keyVerifier, s.verifier)
	if s.warrants != (keySecret{}) {
		f = f.text(keyWarrants, string(s.warrants[:]))
		f = f.text(keySince, string(s.since.key()))
	}
	if s.next != (keySecret{}) {
		f = f.text(keyNext, string(s.next[:]))
	}
	for _, d := range slices.Sorted(maps.Keys(s.days)) {
		f = f.text(keyDay, string(binary.BigEndian.AppendUint32(d.key(), s.days[d].reserved)))
		for _, n := range s.days[d].branch {
			b := binary.BigEndian.AppendUint32([]byte{n.depth}, n.prefix)
			f = f.text(keyNode, string(append(b, n.secret[:]...)))
		}
	}
	return f
}

func decodeKeys(f fields) (*keySet, error) {
	s := &keySet{days: make(map[day]*dayKeys)}
	var last *dayKeys
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			last, err = s.set(tag, v, last)
		}
		if err != nil {
			return nil, err
		}
		f = rest
	}
	for _, d := range s.days {
		if err := d.validate(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// set reads one field and returns the day whose nodes come next.
func (s *keySet) set(tag byte, v value, last *dayKeys) (*dayKeys, error) {
	switch tag {
	case keyStore:
		return last, v.secret(&s.store)
	case keyExternal:
		return last, v.secret(&s.external)
	case keyReference:
		return last, v.secret(&s.reference)
	case keyRequest:
		return last, v.secret(&s.request)
	case keyTenants:
		return last, v.secret(&s.tenants)
	case keyBlock:
		return last, v.secret(&s.block)
	case keyBlocking:
		return last, v.secret(&s.blocking)
	case keySigner:
		s.signer = string(v)
		return last, nil
	case keyVerifier:
		s.verifier = string(v)
		return last, nil
	case keyWarrants:
		return last, v.secret(&s.warrants)
	case keySince:
		if len(v) != 4 {
			return nil, errFields
		}
		s.since = day(binary.BigEndian.Uint32(v))
		return last, nil
	case keyNext:
		return last, v.secret(&s.next)
	case keyDay:
		if len(v) != 8 {
			return nil, errFields
		}
		d := &dayKeys{reserved: binary.BigEndian.Uint32(v[4:])}
		s.days[day(binary.BigEndian.Uint32(v))] = d
		return d, nil
	case keyNode:
		if last == nil || len(v) != 5+keySize {
			return nil, errFields
		}
		last.branch = append(last.branch, node{depth: v[0], prefix: binary.BigEndian.Uint32(v[1:]), secret: keySecret(v[5:])})
		return last, nil
	default:
		return nil, errFields
	}
}

func (v value) secret(into *keySecret) error {
	if copy(into[:], v) != len(v) || len(v) != keySize {
		return errFields
	}
	return nil
}

// keyPlace is where a copy of the keys belongs.
func keyPlace() place { return place{bucket(keyFileHead), nil} }

// writeKeys writes the file of keys durably and whole: one copy of the same
// under each of these keys, which are two while the root key is being changed.
func writeKeys(path string, s *keySet, under ...cipher.AEAD) error {
	plain := s.encode()
	defer clear(plain)
	text := []byte(keyFileHead)
	for _, wrap := range under {
		sealed := keyPlace().seal(wrap, plain)
		text = append(binary.BigEndian.AppendUint32(text, uint32(len(sealed))), sealed...)
	}
	partial := path + ".new"
	if err := errors.Join(writeDurably(partial, text), os.Rename(partial, path), syncDir(path)); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}

// readKeys opens the file of keys. replaced reports whether the copy that this
// root key opens is the last of several: those before it are of root keys that it
// has replaced.
func readKeys(path string, wrap cipher.AEAD) (s *keySet, replaced bool, err error) {
	text, err := readKeyFile(path)
	if err != nil {
		return nil, false, err
	}
	rest, ok := bytes.CutPrefix(text, []byte(keyFileHead))
	if !ok {
		return nil, false, fmt.Errorf("%w: the file of keys is none", ErrDamaged)
	}
	for n := 0; len(rest) > 0; n++ {
		if len(rest) < 4 || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return nil, false, fmt.Errorf("%w: the file of keys is cut short", ErrDamaged)
		}
		end := 4 + int(binary.BigEndian.Uint32(rest))
		sealed := rest[4:end]
		rest = rest[end:]
		plain, err := keyPlace().open(wrap, sealed)
		if err != nil {
			continue // it is another root key's
		}
		s, err = decodeKeys(plain)
		clear(plain)
		if err != nil {
			return nil, false, fmt.Errorf("%w: the file of keys: %w", ErrDamaged, err)
		}
		return s, n > 0 && len(rest) == 0, nil
	}
	return nil, false, ErrKeyWrong
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeys))
	if err != nil {
		return nil, err
	}
	return text, nil
}
