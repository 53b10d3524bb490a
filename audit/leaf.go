package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"maskd/mapping"
)

// leafVersion is the first byte of a leaf. A later version is read beside this
// one, for the leaves of a tree are never written anew.
const leafVersion = 1

// ofHouse in the byte of an actor's way says that he is of the house, and acts for a tenant.
const ofHouse = 1 << 7

// ErrLeaf is a leaf that says nothing.
var ErrLeaf = errors.New("leaf is malformed")

// Encode returns the leaf of an entry: what the tree hashes. It has the reason's
// commitment in place of the reason. An entry has one leaf, and a leaf one entry.
func Encode(e *mapping.AuditEntry) []byte { return AppendLeaf(make([]byte, 0, 96), e) }

// AppendLeaf appends what [Encode] returns.
func AppendLeaf(b []byte, e *mapping.AuditEntry) []byte {
	way := byte(e.Actor.Way)
	if e.Actor.House {
		way |= ofHouse
	}
	b = append(b, leafVersion, byte(e.Action), byte(e.Outcome), way, byte(e.Actor.Role))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixNano()))
	b = binary.AppendUvarint(b, uint64(e.Actor.UID))
	b = binary.AppendUvarint(b, uint64(e.Actor.GID))
	b = binary.AppendUvarint(b, uint64(uint32(e.Actor.PID)))
	b = appendText(b, e.Actor.Name)
	b = appendText(b, e.Actor.Tenant)
	b = appendText(b, string(e.Object))
	if e.Commitment != (mapping.Commitment{}) {
		b = append(b, e.Commitment[:]...)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Decode reads a leaf. What it returns has that leaf and no other.
func Decode(leaf []byte) (mapping.AuditEntry, error) {
	r := &reader{rest: leaf}
	head := r.take(5)
	if r.failed || head[0] != leafVersion {
		return mapping.AuditEntry{}, ErrLeaf
	}
	e := mapping.AuditEntry{Action: mapping.Action(head[1]), Outcome: mapping.AuditOutcome(head[2])}
	e.Actor.Way, e.Actor.House, e.Actor.Role = mapping.Way(head[3]&^ofHouse), head[3]&ofHouse != 0, mapping.Role(head[4])
	e.At = r.instant()
	e.Actor.UID, e.Actor.GID, e.Actor.PID = r.small(), r.small(), int32(r.small())
	e.Actor.Name, e.Actor.Tenant, e.Object = r.text(), r.text(), mapping.Object(r.text())
	if len(r.rest) > 0 {
		copy(e.Commitment[:], r.take(len(e.Commitment)))
	}
	// Numbers may be written longer than need be: those are other leaves.
	if r.failed || len(r.rest) > 0 || !bytes.Equal(Encode(&e), leaf) {
		return mapping.AuditEntry{}, ErrLeaf
	}
	return e, nil
}

// reader cuts a leaf into its parts, until one is not there.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.failed = true
		return make([]byte, min(n, 64))
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) instant() time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(r.take(8)))).UTC()
}

func (r *reader) small() uint32 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > math.MaxUint32 {
		r.failed = true
		return 0
	}
	r.rest = r.rest[n:]
	return uint32(v)
}

func (r *reader) text() string {
	n := r.small()
	if r.failed || int64(n) > int64(len(r.rest)) {
		r.failed = true
		return ""
	}
	return string(r.take(int(n)))
}

// Hash returns the hash of a leaf in the tree.
func Hash(leaf []byte) tlog.Hash { return tlog.RecordHash(leaf) }

// Check is the beginning of a leaf's hash. Kept beside the leaf it tells which
// one of many was altered by accident or by somebody who knows no better; that
// none was, the tree tells.
type Check [8]byte

// CheckOf returns the check of the leaf of that hash.
func CheckOf(h tlog.Hash) Check { return Check(h[:len(Check{})]) }
