package recording

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"

	"maskd/media"
	"maskd/media/relay"
)

// booth is a tap behind which A speaks, as the test says.
type booth struct {
	mu      sync.Mutex
	said    []media.Sound
	stamp   uint32
	stopped bool // nobody listens any more
}

// say has A say a word, which takes its time.
func (b *booth) say() {
	b.mu.Lock()
	b.stamp += 160
	b.said = append(b.said, media.Sound{Speaker: media.A, TapPacket: relay.TapPacket{
		Format: relay.PCMA, At: time.Now(), Timestamp: b.stamp, Payload: bytes.Repeat([]byte{0x55 ^ 0x30}, 160)}})
	b.mu.Unlock()
	time.Sleep(frame)
}

func (b *booth) Drain(show func(media.Sound)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.said {
		show(p)
	}
	b.said = nil
}

func (b *booth) Dropped(media.Leg) uint64 { return 0 }

func (b *booth) leave() { b.stopped = true }

// ending is what a recording tells when it is over.
type ending struct {
	Manifest
	err error
}

func orderOf(id string, told chan<- ending) Order {
	return Order{ID: id, Call: "call_1", Interaction: "int_1", Listening: true, Why: "policy", Ended: func(m Manifest, err error) { told <- ending{m, err} }}
}

// What was said while nobody might listen is in no file: there is silence in its place.
func TestWhatIsNotListenedToIsSilence(t *testing.T) {
	s := newStudio(t)
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		told := make(chan ending, 1)
		deck, call := NewDeck(s.vault), new(booth)
		r := deck.start(call, call.leave, orderOf("rec_3", told))
		talk := func(long time.Duration) {
			for range long / frame {
				call.say()
			}
		}
		talk(2 * time.Second)
		r.Listen(false, "party")
		talk(2 * time.Second)
		r.Listen(true, "party")
		talk(2 * time.Second)
		r.Stop()
		deck.Close()
		e := <-told
		if m = e.Manifest; e.err != nil || m.Ended != EndedWithCall {
			t.Errorf("ended by %q, %v", m.Ended, e.err)
		}
		if !call.stopped {
			t.Error("the tap is still there")
		}
	})
	if want := []Span{{0, true, "policy"}, {2000, false, "party"}, {4000, true, "party"}}; !slices.Equal(m.Spans, want) {
		t.Errorf("spans are %v, want %v", m.Spans, want)
	}
	path, err := s.export(m.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	heard := readWAV(t, path).sides[0]
	for second, want := range []bool{true, true, false, false, true, true} {
		if loud := level(heard[second*narrow+100:(second+1)*narrow-100]) > 0; loud != want {
			t.Errorf("second %d is heard: %v", second, loud)
		}
	}
}

// A full disk, or one that is gone, ends the recording and nothing else: the call's side never
// waits and is not told.
func TestADiskThatFailsEndsTheRecordingAlone(t *testing.T) {
	s := newStudio(t)
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		told := make(chan ending, 1)
		deck, call := NewDeck(s.vault), new(booth)
		r := deck.start(call, call.leave, orderOf("rec_4", told))
		e := <-told
		if e.err == nil || e.Ended != EndedByDisk || !call.stopped {
			t.Errorf("ended by %q, %v", e.Ended, e.err)
		}
		r.Listen(false, "party")
		r.Stop()
		deck.Close()
	})
}

// Whoever changes, shortens or lengthens a file is found out.
func TestAnAlteredRecordingIsFound(t *testing.T) {
	s := newStudio(t)
	m := s.record(5*time.Second, &voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2))})
	if err := s.vault.Verify(m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, m.Parts[0].File)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, file := range map[string][]byte{"flipped": flipped, "cut": whole[:len(whole)-1], "longer": append(slices.Clone(whole), 0)} {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.vault.Verify(m); !errors.Is(err, ErrAltered) || !strings.Contains(err.Error(), m.Parts[0].File) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.export(m.Parts[0]); err == nil {
			t.Errorf("%s: it is decrypted", name)
		}
	}
}

// A manifest that somebody has written anew is no manifest.
func TestAnAlteredManifestIsFound(t *testing.T) {
	s := newStudio(t)
	m := s.record(5*time.Second, &voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2))})
	if _, err := s.vault.Manifest(m.ID); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, m.file())
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.TrimSuffix(text, []byte("signed")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.vault.Manifest(m.ID); !errors.Is(err, ErrAltered) {
		t.Errorf("it is read: %v", err)
	}
}

// A recording whose key is destroyed is opened by nobody, the auditor included, though all
// its bytes are there.
func TestAnErasedRecordingIsNoiseToItsAuditor(t *testing.T) {
	s := newStudio(t)
	m := s.record(5*time.Second, &voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2))})
	s.cover.erased = true
	if _, err := s.export(m.Parts[0]); !errors.Is(err, ErrErased) {
		t.Errorf("export says %v", err)
	}
	file, err := os.ReadFile(filepath.Join(s.dir, m.Parts[0].File))
	if err != nil {
		t.Fatal(err)
	}
	for from := range 600 { // wherever it is read from
		if _, err := age.Decrypt(bytes.NewReader(file[from:]), s.auditor); err == nil {
			t.Fatalf("the auditor reads it from byte %d on", from)
		}
	}
}

// The directory has nothing that is to be heard without the key, nor for others to read.
func TestAVaultTellsNothing(t *testing.T) {
	s := newStudio(t)
	m := s.record(5*time.Second, &voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2))})
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	b, err := os.ReadFile(filepath.Join(s.dir, m.Parts[0].File))
	if err != nil || strings.Contains(string(b), "RIFF") {
		t.Errorf("%s is in clear, or %v", m.Parts[0].File, err)
	}
	if err := s.vault.Remove(m); err != nil {
		t.Fatal(err)
	}
	if entries, err = os.ReadDir(s.dir); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

func TestAVaultNeedsAnAuditor(t *testing.T) {
	for _, keys := range [][]string{nil, {"age1nobody"}, {"ssh-ed25519 AAAA"}} {
		if _, err := OpenVault(t.TempDir(), new(cover), keys...); !errors.Is(err, ErrVault) {
			t.Errorf("%q: %v", keys, err)
		}
	}
}

// BenchmarkRecording is what a second of a recorded call costs: 100 packets, their place on the
// time line, and their encryption.
func BenchmarkRecording(b *testing.B) {
	vault, err := OpenVault(b.TempDir(), new(cover), "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	r := newReel(vault, Order{ID: fmt.Sprint("rec_", b.N)}, begun)
	r.manifest.Spans = []Span{{0, true, "policy"}}
	payload := make([]byte, 160)
	now := begun
	for i := 0; b.Loop(); i++ {
		for range 50 {
			now = now.Add(frame)
			for speaker := media.A; speaker <= media.B; speaker++ {
				p := relay.TapPacket{Format: relay.PCMA, At: now, Timestamp: uint32(now.Sub(begun) / frame * 160), Payload: payload}
				if err := r.put(media.Sound{Speaker: speaker, TapPacket: p}); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := r.write(now.Add(-horizon)); err != nil {
			b.Fatal(err)
		}
	}
}
