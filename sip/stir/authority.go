package stir

import (
	"crypto/x509"
	"encoding/asn1"
	"strconv"
)

// authority is what numbers a certificate may speak for (RFC 8226 section 9).
type authority struct {
	provider bool // a service provider's: all of its numbers, whichever they are
	ranges   []numberRange
}

// numberRange is a number, and how many follow it and are as long.
type numberRange struct {
	Start string `asn1:"ia5"`
	Count int64
}

// tnAuthList is the extension's identifier.
func tnAuthList() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 26} }

// The alternatives of an entry of the list, by their tags.
const (
	entryProvider = 0
	entryRange    = 1
	entryOne      = 2
)

// authorityOf reads the TNAuthList of a certificate. One without it is not for
// telephone numbers at all.
func authorityOf(c *x509.Certificate) (authority, error) {
	for _, extension := range c.Extensions {
		if extension.Id.Equal(tnAuthList()) {
			return parseAuthority(extension.Value)
		}
	}
	return authority{}, ErrTNAuthList
}

func parseAuthority(der []byte) (a authority, err error) {
	var entries []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &entries); err != nil || len(rest) > 0 || len(entries) == 0 {
		return a, ErrTNAuthList
	}
	for _, entry := range entries {
		if entry.Class != asn1.ClassContextSpecific || !a.add(entry) {
			return a, ErrTNAuthList
		}
	}
	return a, nil
}

// add takes an entry; false if it can't be read.
func (a *authority) add(entry asn1.RawValue) bool {
	switch entry.Tag {
	case entryProvider:
		a.provider = true
		return true
	case entryRange:
		var r numberRange
		_, err := asn1.Unmarshal(entry.Bytes, &r)
		a.ranges = append(a.ranges, r)
		return err == nil
	case entryOne:
		var number string
		_, err := asn1.UnmarshalWithParams(entry.Bytes, &number, "ia5")
		a.ranges = append(a.ranges, numberRange{Start: number, Count: 1})
		return err == nil
	default:
		return false
	}
}

// covers reports whether a number, as digits, is within the authority. Whose a
// provider's numbers are, only the provider knows: it is believed.
func (a *authority) covers(digits string) bool {
	if a.provider {
		return true
	}
	for _, r := range a.ranges {
		if r.has(digits) {
			return true
		}
	}
	return false
}

func (r numberRange) has(digits string) bool {
	start := canonical(r.Start)
	first, err := strconv.ParseInt(start, 10, 64)
	number, err2 := strconv.ParseInt(digits, 10, 64)
	return err == nil && err2 == nil && len(start) == len(digits) && number >= first && number-first < r.Count
}
