package recording

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// A file that no manifest names was begun when the daemon died. It is removed, unless there is sound in
// it; so is a manifest that was not yet in its place. Nothing else is touched.
func TestWhatNoManifestNamesIsRemoved(t *testing.T) {
	s := newStudio(t)
	kept := s.record(5*time.Second, &voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2))})
	leave := func(name string, size int) {
		if err := os.WriteFile(filepath.Join(s.dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leave("rec_2.wav.age", 300)            // no manifest at all
	leave("rec_3.json.new", 200)           // nor one in its place
	leave("rec_4.wav.age", 2*writeRoom)    // with sound
	leave(kept.ID+".b.opus.age", 300)      // of a codec that its manifest does not tell of yet
	leave(kept.ID+".a.g729.wav.age", 300)  // whose name ends like another's
	leave("notes.txt", 100)                // somebody's own
	leave("rec_5"+manifestSuffix+"~", 100) // likewise
	removed, err := s.vault.Sweep()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{kept.ID + ".a.g729.wav.age", kept.ID + ".b.opus.age", "rec_2.wav.age", "rec_3.json.new"}; !slices.Equal(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil || len(left) != 5 {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := s.vault.Verify(kept); err != nil {
		t.Error(err)
	}
}
