package recording

import (
	"encoding/binary"
	"errors"
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
	leave := func(name string, head uint32, behind int) {
		text := append(binary.BigEndian.AppendUint32(nil, head), make([]byte, behind)...)
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leave("rec_2.wav.age", 300, 300)           // no manifest at all
	leave("rec_3.json.new", 0, 200)            // nor one in its place
	leave("rec_4.wav.age", 300, 400)           // with the sound of a second
	leave(kept.ID+".b.opus.age", 300, 0)       // of a codec that its manifest does not tell of yet
	leave(kept.ID+".a.g729.wav.age", 300, 300) // whose name ends like another's
	leave("notes.txt", 0, 100)                 // somebody's own
	leave("rec_5"+manifestSuffix+"~", 0, 100)  // likewise
	leave("mail.wav.age", 0x6167652d, 200)     // likewise: age-encryption.org/v1
	if err := errors.Join(os.MkdirAll(filepath.Join(s.dir, "album.wav.age", "one"), 0o700), os.Symlink("notes.txt", filepath.Join(s.dir, "rec_6.wav.age"))); err != nil {
		t.Fatal(err)
	}
	removed, err := s.vault.Sweep()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{kept.ID + ".a.g729.wav.age", kept.ID + ".b.opus.age", "rec_2.wav.age", "rec_3.json.new"}; !slices.Equal(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil || len(left) != 8 {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := s.vault.Verify(kept); err != nil {
		t.Error(err)
	}
}
