package config

import (
	"net/netip"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"maskd/media"
)

// Addresses are IP addresses, one of each version at most, the usual one first. In a file one alone
// needs no list.
type Addresses []netip.Addr

// UnmarshalYAML reads either written form.
func (a *Addresses) UnmarshalYAML(node ast.Node) error {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return scalar(node, a, parseOneAddress)
	}
	*a = nil
	for _, value := range list.Values {
		var one Addresses
		if err := scalar(value, &one, parseOneAddress); err != nil {
			return err
		}
		if len(one) == 0 {
			return at(value, errAddress.Error())
		}
		*a = append(*a, one...)
	}
	return nil
}

// parseOneAddress reads the short form, in which the empty text is none.
func parseOneAddress(s string) (Addresses, error) {
	if s == "" {
		return nil, nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return nil, errAddress
	}
	return Addresses{addr.Unmap()}, nil
}

// MarshalYAML returns the written form, the short one where there is one.
func (a Addresses) MarshalYAML() (any, error) {
	switch len(a) {
	case 0:
		return "", nil
	case 1:
		return a[0].String(), nil
	default:
		return []netip.Addr(a), nil
	}
}

// again returns the first address of a version that one before it is of; -1 if there is none.
func (a Addresses) again() int {
	for i, addr := range a {
		if a[:i].speaks(addr) {
			return i
		}
	}
	return -1
}

// speaks reports whether there is one of the same version.
func (a Addresses) speaks(addr netip.Addr) bool {
	return slices.ContainsFunc(a, func(own netip.Addr) bool { return media.FamilyOf(own) == media.FamilyOf(addr) })
}
