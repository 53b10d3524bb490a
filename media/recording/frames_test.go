package recording

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// Frames that encoders made in the midst of a tone of 1 kHz: said over and over they are loud. As
// a file has them; AMR at 4.75 and 12.2 kbit/s, AMR-WB at 6.60.
const (
	loudAMR   = "0481c70d56bb2b6511428287ea"
	loudAMR12 = "3cac5608f04d227fe413810a25a1f333fa530b6786eeed9c5a1ac420cfa93ec0"
	loudAMRWB = "04bf10073f7a47e026a890caa8808f080ff0"
	loudG729  = "63b2cf78e9e0b14e29b5"
)

func octets(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bits writes what may begin anywhere in an octet.
type bits struct {
	octets []byte
	n      int
}

func (b *bits) write(value byte, n int) {
	for i := n - 1; i >= 0; i-- {
		if b.n%8 == 0 {
			b.octets = append(b.octets, 0)
		}
		b.octets[b.n/8] |= value >> i & 1 << (7 - b.n%8)
		b.n++
	}
}

func (b *bits) align(is bool) {
	for is && b.n%8 != 0 {
		b.n++
	}
}

// packed is a packet of frames as a file has them (RFC 4867 section 4), in either form.
func packed(family amrFamily, aligned bool, frames ...[]byte) []byte {
	var b bits
	b.write(15, 4) // no wish for a mode
	b.align(aligned)
	for i, frame := range frames {
		more := byte(0)
		if i+1 < len(frames) {
			more = 0x20
		}
		b.write(more|frame[0]>>2, 6)
		b.align(aligned)
	}
	for _, frame := range frames {
		n, _ := family.bits(frame[0] >> 3)
		for _, octet := range frame[1:] {
			b.write(octet>>(8-min(n, 8)), min(n, 8))
			n -= 8
		}
		b.align(aligned)
	}
	return b.octets
}

// What is unpacked is what was packed, in both forms and however many frames there are; what is
// no speech, or damaged, has its time and nothing else.
func TestFramesOfAMRAreThoseThatWerePacked(t *testing.T) {
	noData, noise, damaged := []byte{0x7C}, append([]byte{0x44}, make([]byte, 5)...), octets(t, loudAMR)
	damaged[0] &^= amrWhole
	for _, tt := range []struct {
		name   string
		family amrFamily
		frames [][]byte
		want   string // s: speech
	}{
		{"one", amrNarrow, [][]byte{octets(t, loudAMR)}, "s"},
		{"rates that differ", amrNarrow, [][]byte{octets(t, loudAMR), octets(t, loudAMR12), octets(t, loudAMR)}, "sss"},
		{"wide", amrWide, [][]byte{octets(t, loudAMRWB), octets(t, loudAMRWB)}, "ss"},
		{"pauses", amrNarrow, [][]byte{noData, octets(t, loudAMR), noise}, "-s-"},
		{"wide, lost before it was packed", amrWide, [][]byte{{amrLost<<3 | amrWhole}, octets(t, loudAMRWB)}, "-s"},
		{"damaged", amrNarrow, [][]byte{damaged, octets(t, loudAMR)}, "-s"},
	} {
		for _, aligned := range []bool{true, false} {
			p := media.Sound{TapPacket: relay.TapPacket{Aligned: aligned, Payload: packed(tt.family, aligned, tt.frames...)}}
			got, ok := tt.family.cut(nil, &p)
			if !ok || len(got) != len(tt.frames) {
				t.Fatalf("%s, aligned %v: %d frames, %v", tt.name, aligned, len(got), ok)
			}
			for i, f := range got {
				want := tt.frames[i]
				if tt.want[i] == '-' {
					want = nil
				}
				if !bytes.Equal(f.octets[:f.size], want) {
					t.Errorf("%s, aligned %v: frame %d is %x, want %x", tt.name, aligned, i, f.octets[:f.size], want)
				}
			}
			p.Payload = p.Payload[:len(p.Payload)-1]
			if got, ok := tt.family.cut(nil, &p); ok || len(got) != 0 {
				t.Errorf("%s, aligned %v: %d frames of a packet that is cut", tt.name, aligned, len(got))
			}
		}
	}
}

// Whatever arrives is frames or none, and nothing else happens.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{}, byte(0))
	f.Add(packed(amrNarrow, true, octets(f, loudAMR)), byte(1))
	f.Add(packed(amrWide, false, octets(f, loudAMRWB), octets(f, loudAMRWB)), byte(2))
	f.Add(octets(f, loudG729+"0000"), byte(4))
	f.Fuzz(func(t *testing.T, payload []byte, how byte) {
		codec := [...]relay.Format{relay.AMR, relay.AMRWB, relay.G729}[how/2%3]
		framing, _ := framingOf(codec)
		p := media.Sound{TapPacket: relay.TapPacket{Format: codec, Aligned: how%2 == 1, Payload: payload}}
		got, ok := framing.cut(nil, &p)
		for _, frame := range got {
			if frame.size > largestFrame {
				t.Errorf("a frame has %d octets", frame.size)
			}
		}
		if ok && codec != relay.G729 && !slices.Equal(again(t, codec, p.Aligned, got), got) {
			t.Errorf("%x: %v is not what was read of it when it is packed again", payload, got)
		}
	})
}

// again is what is read of frames that are packed; none of which is without speech.
func again(t *testing.T, codec relay.Format, aligned bool, got []heldFrame) []heldFrame {
	t.Helper()
	family := amrNarrow
	if codec == relay.AMRWB {
		family = amrWide
	}
	var all [][]byte
	for i := range got {
		if got[i].size == 0 {
			return got
		}
		all = append(all, got[i].octets[:got[i].size])
	}
	p := media.Sound{TapPacket: relay.TapPacket{Format: codec, Aligned: aligned, Payload: packed(family, aligned, all...)}}
	read, ok := family.cut(nil, &p)
	if !ok {
		t.Errorf("%v can't be read when it is packed again", got)
	}
	return read
}

// speaking are two that say the same at the same times, in a codec of frames: packets are lost,
// late, and not sent in pauses, and their clocks run apart.
func speaking(t *testing.T, codec relay.Format, words [2][]byte) [2]*voice {
	t.Helper()
	every := func(at time.Duration) bool { return at%(10*time.Second) < 2*time.Second }
	return [2]*voice{
		{
			speaker: media.A, format: codec, ppm: 80, travel: 15 * time.Millisecond, jitter: 10 * time.Millisecond,
			loss: 0.05, speaks: every, dice: rand.New(rand.NewPCG(1, 2)), word: words[0], aligned: true,
		},
		{
			speaker: media.B, format: codec, ppm: -80, travel: 15 * time.Millisecond, jitter: 60 * time.Millisecond,
			loss: 0.05, speaks: every, dice: rand.New(rand.NewPCG(3, 4)), word: words[1],
		},
	}
}

// Files of frames are decoded by ffmpeg and are as long as the call; and after ten minutes of loss,
// jitter, pauses and clocks that run apart, what was said at once is still heard at once.
func TestFramesStayAligned(t *testing.T) {
	narrowWord, wideWord, g729 := octets(t, loudAMR), octets(t, loudAMRWB), octets(t, loudG729+loudG729)
	for _, tt := range []struct {
		codec relay.Format
		words [2][]byte
		named string
	}{
		{relay.AMR, [2][]byte{packed(amrNarrow, true, narrowWord), packed(amrNarrow, false, narrowWord)}, "amr_nb"},
		{relay.AMRWB, [2][]byte{packed(amrWide, true, wideWord), packed(amrWide, false, wideWord)}, "amr_wb"},
		{relay.G729, [2][]byte{g729, g729}, "g729"},
	} {
		t.Run(tt.codec.String(), func(t *testing.T) {
			t.Parallel()
			const long = 10*time.Minute + 2*time.Second
			s, voices := newStudio(t), speaking(t, tt.codec, tt.words)
			m := s.record(long, voices[0], voices[1])
			if len(m.Parts) != 2 || m.Unkept != 0 {
				t.Fatalf("%+v", m)
			}
			var heard [2][]int16
			for i, p := range m.Parts {
				path, err := s.export(p)
				if err != nil {
					t.Fatal(err)
				}
				if got := run(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path); strings.TrimSpace(got) != tt.named {
					t.Errorf("ffprobe says %q", got)
				}
				heard[i] = decoded8k(t, path)
				if got, want := len(heard[i]), int(long.Seconds())*narrow; got < want-narrow/50 || got > want+narrow/50 {
					t.Errorf("side %d has %d samples, want %d", i, got, want)
				}
				if pause := heard[i][3*narrow : 9*narrow]; level(pause) > 30 {
					t.Errorf("side %d has level %.0f in a pause", i, level(pause))
				}
			}
			staysAligned(t, heard, 601)
		})
	}
}

// staysAligned compares when both sides begin to speak, every ten seconds.
func staysAligned(t *testing.T, heard [2][]int16, until int) {
	t.Helper()
	for second := 10; second < until; second += 10 { // how late the very first packet was, nobody knows
		begin := [2]int{onset(heard[0], second*narrow), onset(heard[1], second*narrow)}
		apart := time.Duration(begin[0]-begin[1]) * time.Second / narrow
		if apart.Abs() > 20*time.Millisecond {
			t.Errorf("after %d s what was said at once is %v apart", second, apart)
		}
	}
}

// What is lost in the midst of speech is made good by what came before it, as a decoder does it;
// what is missing for longer is silence.
func TestShortGapsAreConcealed(t *testing.T) {
	for gap, want := range map[int]string{1: "s", 2: "ss", 3: "---", 5: "-----"} {
		var file bytes.Buffer
		framing, _ := framingOf(relay.AMR)
		f, word := newFrames(&file, framing), packed(amrNarrow, true, octets(t, loudAMR))
		for i := range 10 + gap {
			if i < 5 || i >= 5+gap {
				f.put(media.Sound{TapPacket: relay.TapPacket{Format: relay.AMR, Aligned: true, Payload: word}}, int64(i)*160)
			}
		}
		if err := f.write(time.Duration(10+gap) * frame); err != nil {
			t.Fatal(err)
		}
		got := ""
		for at := len(framing.head); at < file.Len(); at += len(framing.silence) { // which is as long
			if bytes.Equal(file.Bytes()[at:at+len(framing.silence)], framing.silence) {
				got += "-"
			} else {
				got += "s"
			}
		}
		if want = "sssss" + want + "sssss"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// decoded8k is what ffmpeg hears.
func decoded8k(t *testing.T, path string) (samples []int16) {
	t.Helper()
	raw := path + ".raw"
	run(t, "ffmpeg", "-v", "error", "-i", path, "-ar", "8000", "-ac", "1", "-f", "s16le", raw)
	b, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(b); i += 2 {
		samples = append(samples, int16(b[i])|int16(b[i+1])<<8)
	}
	return samples
}

// A disk that fails in the midst of a call is found out in every kind of file, and what the call
// goes on to say is dropped with the recording.
func TestADiskThatFailsIsFoundInEveryFormat(t *testing.T) {
	for codec, word := range map[relay.Format][]byte{
		relay.PCMA: nil, relay.L16: make([]byte, 320), relay.Opus: {0xF8, 0xFF, 0xFE}, relay.G729: octets(t, loudG729+loudG729),
		relay.AMR: packed(amrNarrow, true, octets(t, loudAMR)), relay.AMRWB: packed(amrWide, true, octets(t, loudAMRWB)),
	} {
		t.Run(codec.String(), func(t *testing.T) {
			s := newStudio(t)
			begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
			r := newReel(s.vault, Order{ID: "rec_9"}, begun)
			v := &voice{speaker: media.B, format: codec, speaks: func(time.Duration) bool { return true }, dice: rand.New(rand.NewPCG(1, 2)), word: word, aligned: true}
			var failed error
			for i, p := range v.say(begun, 5*time.Minute) {
				if failed = errors.Join(r.put(p), r.write(p.At.Add(-horizon))); failed != nil {
					break
				}
				if i == 100 { // from here on the disk takes nothing
					for _, p := range r.open {
						p.file.file.Close()
					}
				}
			}
			if failed == nil {
				t.Error("nothing is said of it")
			}
			if m, err := r.close(begun.Add(5*time.Minute), EndedWithCall); err == nil || m.Ended != EndedByDisk {
				t.Errorf("ended by %q, %v", m.Ended, err)
			}
		})
	}
}

// A peer whose timestamps leap hours ahead has no packet wait for hours.
func TestNothingWaitsLongForItsPlace(t *testing.T) {
	f := newOpusFile(io.Discard)
	packet := media.Sound{Speaker: media.A, TapPacket: relay.TapPacket{Format: relay.Opus, Payload: []byte{31 << 3, 0xFF, 0xFE}}}
	const leaps = 100
	for second := range int64(leaps) {
		if err := f.write(time.Duration(second) * time.Second); err != nil {
			t.Fatal(err)
		}
		f.put(packet, (second+10_000)*opusRate)
		f.put(packet, (second+1)*opusRate)
	}
	if len(f.waiting) > 2 || f.late() != leaps {
		t.Errorf("%d packets wait, and %d are out of place", len(f.waiting), f.late())
	}
}
