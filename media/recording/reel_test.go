package recording

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// stereo is a WAV file that was read back.
type stereo struct {
	rate  int
	sides [2][]int16
}

func readWAV(t *testing.T, path string) (s stereo) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) < wavHead {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if size := binary.LittleEndian.Uint32(b[40:]); int(size) != len(b)-wavHead {
		t.Errorf("the header says %d bytes of samples, there are %d", size, len(b)-wavHead)
	}
	s.rate = wavRate([wavHead]byte(b))
	for at := wavHead; at+wavFrame <= len(b); at += wavFrame {
		for i := range s.sides {
			s.sides[i] = append(s.sides[i], int16(binary.LittleEndian.Uint16(b[at+2*i:])))
		}
	}
	return s
}

// record has a reel take what several say, and returns what was closed.
func (s *studio) record(long time.Duration, voices ...*voice) Manifest {
	s.t.Helper()
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	r := newReel(s.vault, Order{ID: "rec_1", Call: "call_1", Interaction: "int_1"}, begun)
	r.manifest.Spans = []Span{{0, true, "policy"}}
	var all []media.Sound
	for _, v := range voices {
		all = append(all, v.say(begun, long)...)
	}
	slices.SortStableFunc(all, func(a, b media.Sound) int { return a.At.Compare(b.At) })
	for now := begun; now.Before(begun.Add(long)); now = now.Add(pace) {
		for len(all) > 0 && all[0].At.Before(now) {
			if err := r.put(all[0]); err != nil {
				s.t.Fatal(err)
			}
			all = all[1:]
		}
		if err := r.write(now.Add(-horizon)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := r.write(begun.Add(long)); err != nil {
		s.t.Fatal(err)
	}
	m, err := r.close(begun.Add(long), EndedWithCall)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// Each side is on its own channel and nothing of it on the other; and after ten minutes of loss,
// jitter, pauses and clocks that run apart, what was said at once is still heard at once.
func TestSidesStayAligned(t *testing.T) {
	const long = 10*time.Minute + 2*time.Second
	every := func(at time.Duration) bool { return at%(10*time.Second) < 2*time.Second }
	a := &voice{
		speaker: media.A, format: relay.PCMA, hertz: 1000, ppm: 80, travel: 15 * time.Millisecond, jitter: 10 * time.Millisecond,
		loss: 0.05, speaks: every, dice: rand.New(rand.NewPCG(1, 2)),
	}
	b := &voice{
		speaker: media.B, format: relay.PCMA, hertz: 400, ppm: -80, travel: 15 * time.Millisecond, jitter: 60 * time.Millisecond,
		loss: 0.05, speaks: every, dice: rand.New(rand.NewPCG(3, 4)),
	}
	s := newStudio(t)
	m := s.record(long, a, b)
	if len(m.Parts) != 1 || m.Parts[0].Format != FormatWAV {
		t.Fatalf("parts are %+v", m.Parts)
	}
	path, err := s.export(m.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	heard := readWAV(t, path)
	if got, want := len(heard.sides[0]), int(long.Seconds())*narrow; got != want {
		t.Errorf("%d samples, want %d", got, want)
	}
	for i, hertz := range []float64{1000, 400} {
		middle := heard.sides[i][narrow/2 : 3*narrow/2]
		if own := goertzel(middle, hertz, narrow); own < 0.8 {
			t.Errorf("side %d has %.2f of its own tone", i, own)
		}
		if other := goertzel(middle, 1400-hertz, narrow); other > 0.01 {
			t.Errorf("side %d has %.2f of the other's tone", i, other)
		}
	}
	staysAligned(t, heard.sides, 601)
}

// onset is where sound begins after a place, or just before it.
func onset(samples []int16, place int) int {
	for i := max(0, place-narrow); i < len(samples); i++ {
		if samples[i] > 2000 {
			return i
		}
	}
	return len(samples)
}

// A call that goes on with another codec, whose timestamps count otherwise, and comes back, is
// heard in all files where it was said, counted from where the manifest says that each begins.
func TestACodecThatChangesStaysInPlace(t *testing.T) {
	always := func(time.Duration) bool { return true }
	word := packed(amrWide, true, octets(t, loudAMRWB))
	tone := func(hertz float64) *voice {
		return &voice{speaker: media.A, format: relay.PCMA, hertz: hertz, speaks: always, dice: rand.New(rand.NewPCG(1, 2))}
	}
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	s := newStudio(t)
	r := newReel(s.vault, Order{ID: "rec_7"}, begun)
	r.manifest.Spans = []Span{{0, true, "policy"}}
	stamp := uint32(12345) // of our stream: it goes on, whatever it is made of (relay's stream.next)
	for i, v := range []*voice{tone(1000), {speaker: media.A, format: relay.AMRWB, word: word, aligned: true, speaks: always, dice: rand.New(rand.NewPCG(1, 2))}, tone(1000)} {
		for _, p := range v.say(begun.Add(time.Duration(i)*10*time.Second), 10*time.Second) {
			stamp += uint32(p.Format.Clock() / 50)
			p.Timestamp = stamp
			if err := errors.Join(r.put(p), r.write(p.At.Add(-horizon))); err != nil {
				t.Fatal(err)
			}
		}
	}
	end := begun.Add(30 * time.Second)
	if err := r.write(end); err != nil {
		t.Fatal(err)
	}
	m, err := r.close(end, EndedWithCall)
	if err != nil || len(m.Parts) != 2 || m.Late != 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	wav, err := s.export(m.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	awb, err := s.export(m.Parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if from := m.Parts[1].From; m.Parts[0].From != 0 || from < 8000 || from > 10000 {
		t.Fatalf("the files begin at %d and %d ms", m.Parts[0].From, from)
	}
	silence := make([]int16, m.Parts[1].From*narrow/1000)
	heard := [2][]int16{readWAV(t, wav).sides[0], append(silence, decoded8k(t, awb)...)}
	for i, samples := range heard {
		if want := 30 * narrow; len(samples) < want-narrow/10 || len(samples) > want+narrow/10 {
			t.Fatalf("%s ends after %d samples, want %d", m.Parts[i].Format, len(samples), want)
		}
	}
	for second := range 30 {
		for i, samples := range heard {
			middle := samples[second*narrow+1000 : (second+1)*narrow-1000]
			if loud, said := level(middle) > 300, (second/10 == 1) == (i == 1); loud != said {
				t.Errorf("second %d of %s has level %.0f", second, m.Parts[i].Format, level(middle))
			}
		}
	}
}

// L16 is kept to the bit where it is not resampled, and with whoever speaks another codec.
func TestL16IsKeptAsItIs(t *testing.T) {
	for rate, format := range map[int]relay.Format{narrow: relay.L16, wide: relay.L16Wide} {
		begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
		s := newStudio(t)
		r := newReel(s.vault, Order{ID: "rec_8"}, begun)
		dice := rand.New(rand.NewPCG(1, 2))
		want := make([]int16, 0, rate)
		for i := range 50 {
			payload := make([]byte, rate/50*2)
			for at := 0; at < len(payload); at += 2 {
				sample := uint16(dice.Uint32())
				binary.BigEndian.PutUint16(payload[at:], sample)
				want = append(want, int16(sample))
			}
			if err := r.put(media.Sound{Speaker: media.B, TapPacket: relay.TapPacket{Format: format, Timestamp: uint32(i * rate / 50), At: begun.Add(time.Duration(i) * frame), Payload: payload}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.write(begun.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		m, err := r.close(begun.Add(time.Second), EndedWithCall)
		if err != nil {
			t.Fatal(err)
		}
		path, err := s.export(m.Parts[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := readWAV(t, path); got.rate != rate || !slices.Equal(got.sides[1], want) {
			t.Errorf("%s at %d: other samples than were said", format, got.rate)
		}
	}
}
