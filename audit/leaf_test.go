package audit

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"maskd/mapping"
)

func TestALeafIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := mapping.AuditEntry{
			At:     time.Unix(0, rapid.Int64().Draw(t, "at")).UTC(),
			Action: mapping.Action(rapid.Byte().Draw(t, "action")), Outcome: mapping.AuditOutcome(rapid.Byte().Draw(t, "outcome")),
			Object: mapping.Object(rapid.StringN(0, -1, mapping.MaxObject).Draw(t, "object")),
			Actor: mapping.Actor{
				Way: mapping.Way(rapid.ByteMax(127).Draw(t, "way")), House: rapid.Bool().Draw(t, "house"), Role: mapping.Role(rapid.Byte().Draw(t, "role")),
				UID: rapid.Uint32().Draw(t, "uid"), GID: rapid.Uint32().Draw(t, "gid"), PID: rapid.Int32().Draw(t, "pid"),
				Name: rapid.StringN(0, -1, 255).Draw(t, "name"), Tenant: rapid.StringN(0, -1, 255).Draw(t, "tenant"),
			},
		}
		if rapid.Bool().Draw(t, "reasoned") {
			e.Commitment = Commit("why", mapping.Salt{1})
		}
		got, err := Decode(Encode(&e))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzDecode: whatever is read has that leaf and no other.
func FuzzDecode(f *testing.F) {
	for n := range 4 {
		e := entry(n)
		f.Add(Encode(&e))
	}
	f.Fuzz(func(t *testing.T, leaf []byte) {
		if e, err := Decode(leaf); err == nil && !bytes.Equal(Encode(&e), leaf) {
			t.Errorf("%x is read as the entry of %x", leaf, Encode(&e))
		}
	})
}

func TestALeafTellsNothingOfItsReason(t *testing.T) {
	e := entry(1)
	if bytes.Contains(Encode(&e), []byte("dispute")) {
		t.Error("the reason is in the leaf")
	}
	if Commit("why", mapping.Salt{1}) == Commit("why", mapping.Salt{2}) {
		t.Error("the same reason has the same commitment twice: it can be guessed")
	}
}
