package mapping_test

import (
	"errors"
	"slices"
	"testing"

	"maskd/mapping"
)

// Each who holds releases for himself, and no tenant for the house.
func TestWhoHoldsReleases(t *testing.T) {
	const house, tenant = mapping.HoldHouse, mapping.HoldTenant
	for _, test := range []struct {
		name    string
		holds   []mapping.LegalHold
		release mapping.LegalHold
		left    []string
		err     error
	}{
		{"the house's own", []mapping.LegalHold{house}, house, nil, nil},
		{"a tenant's own", []mapping.LegalHold{tenant}, tenant, nil, nil},
		{"the house's, by a tenant", []mapping.LegalHold{house}, tenant, []string{"house"}, mapping.ErrHeldByHouse},
		{"a tenant's, by the house", []mapping.LegalHold{tenant}, house, []string{"tenant"}, nil},
		{"both's, by the house", []mapping.LegalHold{house, tenant}, house, []string{"tenant"}, nil},
		{"both's, by the tenant", []mapping.LegalHold{tenant, house}, tenant, []string{"house"}, nil},
		{"nobody's", nil, tenant, nil, nil},
	} {
		var i mapping.Interaction
		for _, by := range test.holds {
			i = i.Hold(by)
		}
		got, err := i.Release(test.release)
		if !errors.Is(err, test.err) || !slices.Equal(got.Held.Holders(), test.left) || got.Held.Any() != (len(test.left) > 0) {
			t.Errorf("%s: held by %v, %v", test.name, got.Held.Holders(), err)
		}
	}
}
