package config

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var errDIDs = errors.New("expected a DID as + and 7 to 15 digits, or a range of DIDs FIRST..LAST")

// DIDRange is a range of DIDs, both ends included; a single DID is a range of
// one.
type DIDRange struct {
	First, Last mapping.DID
}

func parseDIDRange(s string) (DIDRange, error) {
	dids, err := mapping.ParseDIDs(s)
	if err != nil {
		return DIDRange{}, errDIDs
	}
	return DIDRange{First: dids[0], Last: dids[len(dids)-1]}, nil
}

// UnmarshalYAML reads the written form.
func (r *DIDRange) UnmarshalYAML(node ast.Node) error { return scalar(node, r, parseDIDRange) }

// String returns the written form.
func (r DIDRange) String() string {
	if r.First == r.Last {
		return string(r.First)
	}
	return string(r.First) + ".." + string(r.Last)
}

// MarshalText returns the written form.
func (r DIDRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// overlaps compares texts: the order of DIDs of one length is that of their digits.
func (r DIDRange) overlaps(other DIDRange) bool {
	return len(r.First) == len(other.First) && r.First <= other.Last && other.First <= r.Last
}

// has reports whether the range has all of the other.
func (r DIDRange) has(other DIDRange) bool {
	return len(r.First) == len(other.First) && r.First <= other.First && other.Last <= r.Last
}

// DomainPools returns the pools with their DIDs and tenants, as the domain has them.
func (c Config) DomainPools() (*mapping.Pools, error) {
	pools := make([]mapping.Pool, 0, len(c.Pools))
	for _, p := range c.Pools {
		dids, err := expand(p.DIDs)
		if err != nil {
			return nil, fmt.Errorf("read DIDs of pool %q: %w", p.Name, err)
		}
		reserved, err := expand(p.Reserved)
		if err != nil {
			return nil, fmt.Errorf("read reserved DIDs of pool %q: %w", p.Name, err)
		}
		pools = append(pools, mapping.Pool{Name: p.Name, Trunk: p.Trunk, DIDs: dids, Reserved: reserved, Policy: p.policy()})
	}
	return mapping.NewPools(pools, c.tenancies()...)
}

func expand(ranges []DIDRange) ([]mapping.DID, error) {
	var all []mapping.DID
	for _, r := range ranges {
		dids, err := mapping.ParseDIDs(r.String())
		if err != nil {
			return nil, err
		}
		all = append(all, dids...)
	}
	return all, nil
}
