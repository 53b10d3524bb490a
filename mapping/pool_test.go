package mapping_test

import (
	"strings"
	"testing"

	"maskd/mapping"
)

func TestPoolsFindByNameAndByDID(t *testing.T) {
	pools, err := mapping.NewPools([]mapping.Pool{
		{Name: "north", Trunk: "one", DIDs: []mapping.DID{"+15550100000", "+15550100001"}},
		{Name: "south", Trunk: "two", DIDs: []mapping.DID{"+15550100002"}},
		{Name: "empty", Trunk: "two"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, trunk := range map[string]string{"north": "one", "south": "two", "empty": "two"} {
		if pool, ok := pools.Named(name); !ok || pool.Name != name || pool.Trunk != trunk {
			t.Errorf("Named(%q) = %+v, %t", name, pool, ok)
		}
	}
	for did, name := range map[mapping.DID]string{"+15550100001": "north", "+15550100002": "south"} {
		if pool, ok := pools.Holding(did); !ok || pool.Name != name {
			t.Errorf("Holding(%s) = %q, %t; want %q", did, pool.Name, ok, name)
		}
	}
	if _, ok := pools.Named("west"); ok {
		t.Error("a pool of no name was found")
	}
	if pool, ok := pools.Holding("+15550100003"); ok || pool.Name != "" {
		t.Error("a DID of no pool was found")
	}
}

func TestPoolsOwnTheirDIDsOnly(t *testing.T) {
	pools, err := mapping.NewPools([]mapping.Pool{{Name: "north", DIDs: []mapping.DID{"+15550100000"}}})
	if err != nil {
		t.Fatal(err)
	}
	if !pools.Own(number(t, "+15550100000")) {
		t.Error("our own DID is not owned")
	}
	if pools.Own(number(t, "+15550100001")) || pools.Own(mapping.Number{}) {
		t.Error("a stranger's number, or none, is owned")
	}
}

func TestNewPoolsRefusesWhatIsNamedTwice(t *testing.T) {
	tests := []struct {
		name  string
		pools []mapping.Pool
		says  string
	}{
		{"a pool", []mapping.Pool{{Name: "north"}, {Name: "north"}}, `pool "north" is named twice`},
		{"a DID in two pools", []mapping.Pool{
			{Name: "north", DIDs: []mapping.DID{"+15550100000"}}, {Name: "south", DIDs: []mapping.DID{"+15550100000"}},
		}, `DID +15550100000 is in pool "north" and again in pool "south"`},
		{"a DID in one pool", []mapping.Pool{
			{Name: "north", DIDs: []mapping.DID{"+15550100000", "+15550100000"}},
		}, `DID +15550100000 is in pool "north" and again in pool "north"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pools, err := mapping.NewPools(tt.pools)
			if err == nil || pools != nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
		})
	}
}
