package recording

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// What a crash leaves is played to where it was written, in each kind of file, and its manifest says so.
func TestACrashLeavesAFileThatPlays(t *testing.T) {
	square := bytes.Repeat(append(bytes.Repeat([]byte{0x30, 0}, 8), bytes.Repeat([]byte{0xD0, 0}, 8)...), 20)
	for _, c := range []struct {
		codec relay.Format
		word  []byte
	}{
		{relay.PCMA, nil},
		{relay.L16, square[:320]},
		{relay.L16Wide, square},
		{relay.G722, bytes.Repeat([]byte{0x35, 0xF2}, 80)},
		{relay.AMR, packed(amrNarrow, true, octets(t, loudAMR))},
		{relay.AMRWB, packed(amrWide, true, octets(t, loudAMRWB))},
		{relay.G729, octets(t, loudG729+loudG729)},
		{relay.Opus, opusPackets(t)[250]},
	} {
		t.Run(c.codec.String(), func(t *testing.T) {
			s := newStudio(t)
			s.crash(&voice{speaker: media.A, format: c.codec, hertz: 1000, word: c.word, aligned: true})
			cut, err := s.vault.Recover()
			if err != nil || len(cut) != 1 || cut[0].Ended != EndedByCrash {
				t.Fatalf("recovered %+v, %v", cut, err)
			}
			if err := s.vault.Verify(cut[0]); err != nil {
				t.Error(err)
			}
			path, err := s.export(cut[0].Parts[0])
			if !errors.Is(err, ErrCut) {
				t.Errorf("export says %v", err)
			}
			heard := decoded8k(t, path)
			for second := 1; second < len(heard)/narrow; second++ {
				if l := level(heard[(second-1)*narrow : second*narrow]); l < 1000 {
					t.Errorf("second %d is at level %.0f", second, l)
				}
			}
			file, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			left := time.Duration(len(heard)) * time.Second / narrow
			if lost := (crashed - horizon - left).Seconds() * float64(file.Size()) / left.Seconds(); left < time.Minute || lost > 64<<10 {
				t.Errorf("%s are left, and %.0f bytes are lost", left, lost)
			}
			if again, err := s.vault.Recover(); err != nil || len(again) != 0 {
				t.Errorf("recovered again: %v, %v", again, err)
			}
		})
	}
}

// A disk that is slow has the first manifest still to write when the call ends, and another codec has been
// spoken since: before the file of that is closed, which may be when its first sound gets there, a manifest names it.
func TestNoFileIsClosedBeforeAManifestNamesIt(t *testing.T) {
	s := newStudio(t)
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	r := newReel(s.vault, Order{ID: "rec_12"}, begun)
	r.keeping = make(chan error, 1)
	for _, codec := range []relay.Format{relay.PCMA, relay.Opus} {
		if err := r.put(media.Sound{Speaker: media.A, TapPacket: relay.TapPacket{Format: codec, At: begun, Payload: []byte{0xF8, 0xFF, 0xFE}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.write(begun.Add(frame)); err != nil {
		t.Fatal(err)
	}
	r.keeping <- nil
	if err := r.settle(); err != nil {
		t.Fatal(err)
	}
	if m, err := s.vault.Manifest("rec_12"); err != nil || len(m.Parts) != 2 || m.Ended != "" {
		t.Errorf("the manifest is %+v, %v", m, err)
	}
	if _, err := r.close(begun.Add(frame), EndedWithCall); err != nil {
		t.Error(err)
	}
}

// Nor is sound lost that got to the disk before the first manifest was in its place.
func TestAFirstManifestGetsToItsPlace(t *testing.T) {
	s := newStudio(t)
	s.crash(&voice{speaker: media.A, format: relay.PCMA, hertz: 1000})
	place := filepath.Join(s.dir, "rec_6"+manifestSuffix)
	if err := os.Rename(place, place+fresh); err != nil {
		t.Fatal(err)
	}
	if removed, err := s.vault.Sweep(); err != nil || len(removed) != 0 {
		t.Errorf("removed %v, %v", removed, err)
	}
	if cut, err := s.vault.Recover(); err != nil || len(cut) != 1 || len(cut[0].Parts) != 1 || cut[0].Parts[0].Bytes < writeRoom {
		t.Errorf("recovered %+v, %v", cut, err)
	}
}

// An erasure amid a call removes files, and then the manifest. A crash in between keeps no daemon from starting.
func TestACrashAmidAnErasureIsRecoveredFrom(t *testing.T) {
	s := newStudio(t)
	s.crash(&voice{speaker: media.A, format: relay.PCMA, hertz: 1000})
	if err := os.Remove(filepath.Join(s.dir, "rec_6.wav.age")); err != nil {
		t.Fatal(err)
	}
	cut, err := s.vault.Recover()
	if err != nil || len(cut) != 1 || cut[0].Ended != EndedByCrash || cut[0].Parts[0].SHA256 != "" {
		t.Fatalf("recovered %+v, %v", cut, err)
	}
	if err := s.vault.Verify(cut[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there is verified: %v", err)
	}
}

// crashed is how long a voice is recorded before a crash.
const crashed = 4 * time.Minute

// crash records a voice, and closes nothing.
func (s *studio) crash(v *voice) {
	s.t.Helper()
	v.speaks, v.dice = func(time.Duration) bool { return true }, rand.New(rand.NewPCG(1, 2))
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	r := newReel(s.vault, Order{ID: "rec_6"}, begun)
	r.manifest.Spans = []Span{{0, true, "policy"}}
	for _, p := range v.say(begun, crashed) {
		if err := errors.Join(r.put(p), r.write(p.At.Add(-horizon))); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, p := range r.open {
		s.t.Cleanup(func() { p.file.file.Close() })
	}
	if err := r.settle(); err != nil {
		s.t.Fatal(err)
	}
}
