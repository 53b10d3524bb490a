package mapping_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"maskd/mapping"
)

func TestParseDIDsReadsOneOrARange(t *testing.T) {
	tests := []struct {
		name, text string
		want       []mapping.DID
	}{
		{"one", "+15550100000", []mapping.DID{"+15550100000"}},
		{"range", "+15550100008..+15550100011", []mapping.DID{"+15550100008", "+15550100009", "+15550100010", "+15550100011"}},
		{"range of one", "+15550100000..+15550100000", []mapping.DID{"+15550100000"}},
		{"longest numbers", "+999999999999998..+999999999999999", []mapping.DID{"+999999999999998", "+999999999999999"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mapping.ParseDIDs(tt.text)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("ParseDIDs = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

var malformedDIDs = []struct {
	name, text string
	want       error
}{
	{"empty", "", mapping.ErrNumberEmpty},
	{"no plus", "15550100000", mapping.ErrNumberPlus},
	{"one dot", "+15550100000.+15550100001", mapping.ErrNumberDigits},
	{"no first", "..+15550100001", mapping.ErrNumberEmpty},
	{"no last", "+15550100000..", mapping.ErrNumberEmpty},
	{"last without plus", "+15550100000..15550100001", mapping.ErrNumberPlus},
	{"two ranges", "+15550100000..+15550100001..+15550100002", mapping.ErrNumberDigits},
	{"descending", "+15550100001..+15550100000", mapping.ErrDIDRange},
	{"lengths that differ", "+9999999..+10000000", mapping.ErrDIDRange},
	{"one more than a million", "+15550000000..+15551000000", mapping.ErrDIDRange},
	{"all the numbers there are", "+100000000000000..+999999999999999", mapping.ErrDIDRange},
}

func TestParseDIDsRefuses(t *testing.T) {
	for _, tt := range malformedDIDs {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mapping.ParseDIDs(tt.text)
			if !errors.Is(err, tt.want) || got != nil {
				t.Errorf("got %d DIDs and error %v, want error %v", len(got), err, tt.want)
			}
		})
	}
}

func TestRangeMayHoldAMillionDIDs(t *testing.T) {
	got, err := mapping.ParseDIDs("+15550000000..+15550999999")
	if err != nil || len(got) != 1_000_000 {
		t.Errorf("got %d DIDs, error %v; want 1000000", len(got), err)
	}
}

func TestDIDKnowsItsOwnNumber(t *testing.T) {
	did := mapping.DID("+15550100000")
	if !did.Is(number(t, "+15550100000")) {
		t.Error("a DID does not know its own number")
	}
	if did.Is(number(t, "+15550100001")) || did.Is(mapping.Number{}) || mapping.DID("").Is(mapping.Number{}) {
		t.Error("a DID takes another number, or none, for its own")
	}
}

func FuzzParseDIDs(f *testing.F) {
	for _, tt := range malformedDIDs {
		f.Add(tt.text)
	}
	f.Add("+15550100008..+15550100011")
	f.Fuzz(func(t *testing.T, text string) {
		dids, err := mapping.ParseDIDs(text)
		if err != nil {
			if dids != nil {
				t.Fatal("an error and DIDs")
			}
			return
		}
		first, last, isRange := strings.Cut(text, "..")
		if !isRange {
			last = first
		}
		if string(dids[0]) != first || string(dids[len(dids)-1]) != last {
			t.Fatalf("%q gave %s to %s", text, dids[0], dids[len(dids)-1])
		}
		if !slices.IsSorted(dids) || len(slices.Compact(dids)) != len(dids) {
			t.Fatal("not ascending")
		}
		for _, did := range dids[:min(len(dids), 100)] {
			if _, err := mapping.ParseDID(string(did)); err != nil {
				t.Fatalf("%s is no DID: %v", did, err)
			}
		}
	})
}
