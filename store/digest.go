package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"hash"
	"sync"

	"maskd/mapping"
)

// digest is a keyed hash cut to 128 bits: it stands for a secret without
// telling it, and two secrets share one with probability 2^-64 after 2^32.
type digest [16]byte

// mac makes digests (HMAC-SHA256) under one key. Each use has a key of its own,
// so that a digest of one use says nothing about another.
type mac struct{ states sync.Pool }

type macState struct {
	hash.Hash
	in, out []byte
}

func newMAC(key []byte) *mac {
	return &mac{states: sync.Pool{New: func() any {
		return &macState{Hash: hmac.New(sha256.New, key)}
	}}}
}

// number digests a number together with the name it is used under (a DID, a
// pool), which ends where the number's plus begins.
func (m *mac) number(under string, n mapping.Number) digest {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	s.in = append(append(s.in[:0], under...), 0)
	s.in = appendNumber(s.in, n)
	return s.sum()
}

// written digests a number as a record has it: as number does, but without
// making a Number, of which a start would make millions.
func (m *mac) written(under, n value) digest {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	s.in = append(append(s.in[:0], under...), 0)
	s.in = append(s.in, n...)
	return s.sum()
}

// pair digests two numbers together with the name they are used under.
func (m *mac) pair(under string, a, b mapping.Number) digest {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	s.in = append(append(s.in[:0], under...), 0)
	s.in = appendNumber(appendNumber(s.in, a), b)
	return s.sum()
}

// text digests a text.
func (m *mac) text(text string) digest {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	s.in = append(s.in[:0], text...)
	return s.sum()
}

func (s *macState) sum() digest {
	s.Reset()
	s.Write(s.in) // a hash never fails to write
	clear(s.in)
	s.out = s.Sum(s.out[:0])
	return digest(s.out)
}

// refBytes of a digest make a reference: 80 bits, 16 characters.
const refBytes = 10

var refText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Ref returns a tenant's stable reference to a number, "num_" and 16 characters:
// the same for the same number under the same root key, across restarts, and
// telling nothing of it; another for another tenant. It is empty for the zero
// number.
func (db *DB) Ref(of mapping.Tenant, n mapping.Number) string {
	if n.IsZero() {
		return ""
	}
	d := db.keys.names.of(of).reference.number("", n)
	return "num_" + refText.EncodeToString(d[:refBytes])
}
