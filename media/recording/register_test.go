package recording

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// shelved fills a vault with so many recordings, ten of an interaction.
func shelved(t testing.TB, n int) *Vault {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v := &Vault{dir: root, cover: plainCover{}, syncs: make(chan struct{}, syncers)}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range n {
		m := Manifest{ID: fmt.Sprintf("rec_%06d", i), Interaction: fmt.Sprintf("int_%06d", i/10), BeganAt: time.Unix(0, 0), Ended: EndedWithCall}
		if err := v.save(&m); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// plainCover signs nothing.
type plainCover struct{ Cover }

func (plainCover) Sign(text []byte) ([]byte, error)     { return text, nil }
func (plainCover) Verify(signed []byte) ([]byte, error) { return signed, nil }

func idsOf(t testing.TB, v *Vault, interaction string) (ids []string) {
	t.Helper()
	found, err := v.Of(interaction)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		ids = append(ids, m.ID)
	}
	return ids
}

// The register says what the directory does, after a start as before it.
func TestRecordingsAreFoundByInteraction(t *testing.T) {
	v := shelved(t, 30)
	want := []string{"rec_000010", "rec_000011", "rec_000012", "rec_000014", "rec_000015", "rec_000016", "rec_000017", "rec_000018", "rec_000019"}
	if err := v.Remove(Manifest{ID: "rec_000013"}); err != nil {
		t.Fatal(err)
	}
	again := &Vault{dir: v.dir, cover: v.cover, syncs: v.syncs}
	if err := again.enter(); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]*Vault{"as it is": v, "after a start": again} {
		if got := idsOf(t, v, "int_000001"); !slices.Equal(got, want) {
			t.Errorf("%s: found %v", name, got)
		}
		if got := idsOf(t, v, "int_000009"); len(got) != 0 {
			t.Errorf("%s: of an interaction without any %v", name, got)
		}
	}
	if all, err := v.List(); err != nil || len(all) != 29 || !slices.IsSorted(all) {
		t.Errorf("listed are %v, %v", all, err)
	}
}

// One manifest that can't be read hides no other.
func TestABadManifestHidesNoOther(t *testing.T) {
	v := shelved(t, 10)
	if err := os.WriteFile(filepath.Join(v.dir.Name(), "rec_000003.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := v.Of("int_000000")
	if len(found) != 9 || err == nil {
		t.Errorf("found %d, %v", len(found), err)
	}
	if cut, err := v.Recover(); len(cut) != 0 || err != nil { // nor does it keep a daemon from starting
		t.Errorf("recovered %d, %v", len(cut), err)
	}
}

func BenchmarkRecordingsOfAnInteraction(b *testing.B) {
	v := shelved(b, 10_000)
	for b.Loop() {
		if _, err := v.Of("int_000500"); err != nil {
			b.Fatal(err)
		}
	}
}
