package store

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"maskd/mapping"
)

// errFields is a record that is no sequence of fields, or has one that this
// version does not know.
var errFields = errors.New("record is malformed")

// fields is a record: a sequence of tag (one byte), length (uvarint) and value.
// An empty value is not written; a tag that repeats is a list. A later version
// adds tags and never reuses one.
type fields []byte

func (f fields) text(tag byte, s string) fields {
	if s == "" {
		return f
	}
	f = append(f, tag)
	f = binary.AppendUvarint(f, uint64(len(s)))
	return append(f, s...)
}

// pair writes a key and its value as one field: the key's length comes first.
func (f fields) pair(tag byte, key, value string) fields {
	joined := binary.AppendUvarint(nil, uint64(len(key)))
	joined = append(joined, key...)
	return f.text(tag, string(append(joined, value...)))
}

func (f fields) number(tag byte, n mapping.Number) fields {
	if n.IsZero() {
		return f
	}
	length := len(f) + 1 // its place: how long a number is shows when it is there
	f = appendNumber(append(f, tag, 0), n)
	f[length] = byte(len(f) - length - 1)
	return f
}

func (f fields) integer(tag byte, v uint64) fields {
	if v == 0 {
		return f
	}
	return f.varint(tag, v)
}

func (f fields) varint(tag byte, v uint64) fields {
	var scratch [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(scratch[:], v)
	f = append(f, tag, byte(n))
	return append(f, scratch[:n]...)
}

// tenant writes whose it is, unless that is the default tenant.
func (f fields) tenant(tag byte, t mapping.Tenant) fields {
	if t == mapping.DefaultTenant {
		return f
	}
	return f.text(tag, string(t))
}

// flag writes what is true.
func (f fields) flag(tag byte, is bool) fields {
	if !is {
		return f
	}
	return f.varint(tag, 1)
}

// instant writes a time to the nanosecond.
func (f fields) instant(tag byte, t time.Time) fields {
	if t.IsZero() {
		return f
	}
	return f.varint(tag, uint64(t.UnixNano()))
}

// next cuts the first field off a record that is not empty.
func (f fields) next() (tag byte, v value, rest fields, err error) {
	length, n := binary.Uvarint(f[1:])
	if n <= 0 || length > uint64(len(f)-1-n) {
		return 0, nil, nil, errFields
	}
	start := 1 + n
	end := start + int(length)
	return f[0], value(f[start:end]), f[end:], nil
}

// value is the value of one field as it was read.
type value []byte

func (v value) pair() (key, val string, err error) {
	length, n := binary.Uvarint(v)
	if n <= 0 || length > uint64(len(v)-n) {
		return "", "", errFields
	}
	end := n + int(length)
	return string(v[n:end]), string(v[end:]), nil
}

func (v value) number() (mapping.Number, error) {
	n, err := mapping.ParseNumber([]byte(v))
	if err != nil {
		return mapping.Number{}, errFields
	}
	return n, nil
}

func (v value) integer() (uint64, error) {
	i, n := binary.Uvarint(v)
	if n <= 0 || n != len(v) {
		return 0, errFields
	}
	return i, nil
}

func (v value) tenant() (mapping.Tenant, error) {
	t, err := mapping.ParseTenant(string(v))
	if err != nil {
		return "", errFields
	}
	return t, nil
}

func (v value) extension() (mapping.ExtensionNumber, error) {
	e, err := mapping.ParseExtension(string(v))
	if err != nil {
		return e, errFields
	}
	return e, nil
}

func (v value) locale() (mapping.Locale, error) {
	l, ok := mapping.ParseLocale(string(v))
	if !ok {
		return "", errFields
	}
	return l, nil
}

// small reads a count or code.
func (v value) small() (int, error) {
	i, err := v.integer()
	if err != nil || i > math.MaxInt32 {
		return 0, errFields
	}
	return int(i), nil
}

func (v value) flag() (bool, error) {
	i, err := v.integer()
	return i == 1, err
}

func (v value) duration() (time.Duration, error) {
	i, err := v.integer()
	return time.Duration(i), err
}

// enumOf reads one of the domain's enumerations.
func enumOf[E ~uint8](v value) (E, error) {
	i, err := v.integer()
	if err != nil || i > math.MaxUint8 {
		return 0, errFields
	}
	return E(i), nil
}

func (v value) instant() (time.Time, error) {
	i, err := v.integer()
	return time.Unix(0, int64(i)).UTC(), err
}

func (v value) id() (id mapping.ID, err error) {
	if copy(id[:], v) != len(v) || len(v) != len(id) {
		return id, errFields
	}
	return id, nil
}
