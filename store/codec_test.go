package store

import (
	"testing"
	"time"

	"maskd/mapping"
)

func TestUnknownFieldIsRefused(t *testing.T) {
	if _, err := decodeInteraction(mapping.ID{}, fields{}.text(200, "new")); err == nil {
		t.Error("an interaction with a field of a later version was read")
	}
	if _, err := decodeCDR(mapping.ID{}, mapping.ID{}, fields{}.text(200, "new")); err == nil {
		t.Error("a CDR with a field of a later version was read")
	}
}

func FuzzDecode(f *testing.F) {
	i := mapping.Interaction{
		ExternalID: "ride", Mode: mapping.ModePair, Numbering: mapping.NumberingShared, Pool: "default",
		A:         mapping.Party{Numbers: []mapping.Number{rider(f, 1)}, DID: "+15550100001"},
		B:         mapping.Party{Numbers: []mapping.Number{driver(f, 1), driver(f, 2)}, DID: "+15550100002"},
		Labels:    map[string]string{"k": "v"},
		CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	c := callOf(1, &i)
	f.Add(encodeInteraction(&i))
	f.Add(encodeCDR(&c))
	f.Fuzz(func(t *testing.T, data []byte) {
		if i, err := decodeInteraction(mapping.ID{1}, data); err == nil {
			again, err := decodeInteraction(mapping.ID{1}, encodeInteraction(&i))
			if err != nil {
				t.Fatalf("what was read can't be read again: %v", err)
			}
			same(t, again, i)
		}
		if c, err := decodeCDR(mapping.ID{1}, mapping.ID{2}, data); err == nil {
			again, err := decodeCDR(mapping.ID{1}, mapping.ID{2}, encodeCDR(&c))
			if err != nil {
				t.Fatalf("what was read can't be read again: %v", err)
			}
			same(t, again, c)
		}
	})
}
