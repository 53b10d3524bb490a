package mapping

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// ID names an interaction or a call. Its bytes order by time (the layout of a
// version 7 UUID, RFC 9562 section 5.7), so that a store that keeps records by
// id appends. It says nothing of any party.
type ID [16]byte

// Kind is what an ID names; it is the prefix of the written form.
type Kind string

// The kinds of things with an ID.
const (
	KindInteraction Kind = "int"
	KindCall        Kind = "call"
	KindRecording   Kind = "rec" // of a call, by the call's own bytes
	KindBlock       Kind = "blk" // made of what it blocks, and not of the time
	KindEvent       Kind = "evt"
)

// ErrID is a text that is no id of the kind asked for.
var ErrID = errors.New("id is malformed")

// base32hex keeps the order of the bytes in the order of the text (RFC 4648
// section 7); lower case, because ids are typed and spoken.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID makes an id from the time, to the millisecond, and 10 random bytes, of
// which 74 bits are used.
func NewID(at time.Time, random [10]byte) ID {
	id := FirstID(at)
	copy(id[6:], random[:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// FirstID returns what is before every id that is made in the millisecond of that time or
// later, and after all others; the zero id for any time before 1970.
func FirstID(at time.Time) ID {
	var id ID
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, at.UnixMilli()))<<16)
	return id
}

// ParseID reads the written form of an id of the given kind.
func ParseID(kind Kind, s string) (ID, error) {
	text, ok := strings.CutPrefix(s, string(kind)+"_")
	if !ok {
		return ID{}, ErrID
	}
	raw, err := idText.DecodeString(text)
	if err != nil || len(raw) != len(ID{}) {
		return ID{}, ErrID
	}
	// The decoder passes over line ends and the two spare bits of the last
	// character: an id has one written form.
	if id := ID(raw); id.Text(kind) == s {
		return id, nil
	}
	return ID{}, ErrID
}

// Text returns the written form, such as "int_06a3…": prefix and 26 characters.
func (id ID) Text(kind Kind) string { return string(kind) + "_" + idText.EncodeToString(id[:]) }

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Time returns the millisecond in which the id was made.
func (id ID) Time() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC()
}
