package recording

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// run runs a program of Debian's and returns what it prints.
func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, arguments, err, out)
	}
	return string(out)
}

// Of any octets our decoder makes, to the last bit, what ffmpeg's makes of them: of speech, and of
// noise, which drives the predictors where speech does not.
func TestG722IsWhatOthersHear(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 22))
	noise := make([]byte, 8000)
	for i := range noise {
		noise[i] = byte(dice.Uint32())
	}
	dir := t.TempDir()
	tone := filepath.Join(dir, "tone.g722")
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=700:sample_rate=16000:duration=2", "-c:a", "g722", "-f", "g722", tone)
	spoken, err := os.ReadFile(tone)
	if err != nil {
		t.Fatal(err)
	}
	for name, octets := range map[string][]byte{"noise": noise, "tone": spoken} {
		in, out := filepath.Join(dir, name+".in"), filepath.Join(dir, name+".raw")
		if err := os.WriteFile(in, octets, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "ffmpeg", "-v", "error", "-f", "g722", "-i", in, "-f", "s16le", out)
		want, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		for _, s := range newG722().decode(nil, octets) {
			got.Write([]byte{byte(s), byte(uint16(s) >> 8)})
		}
		if n := min(got.Len(), len(want)); n < 2*len(octets) || !bytes.Equal(got.Bytes()[:n], want[:n]) {
			t.Errorf("%s: %d of our %d octets are the first of their %d", name, alike(got.Bytes(), want), got.Len(), len(want))
		}
	}
}

func alike(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// What an auditor has is opened by the players of others, and is as long as the call.
func TestPlayersOpenWhatIsRecorded(t *testing.T) {
	always := func(time.Duration) bool { return true }
	s := newStudio(t)
	m := s.record(30*time.Second,
		&voice{speaker: media.A, format: relay.PCMA, hertz: 1000, speaks: always, dice: rand.New(rand.NewPCG(1, 2))},
		&voice{speaker: media.B, format: relay.PCMA, hertz: 400, speaks: always, dice: rand.New(rand.NewPCG(1, 2))})
	path, err := s.export(m.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(run(t, "soxi", "-D", path))[0]; got != "30.000000" {
		t.Errorf("sox has %s seconds", got)
	}
	got := run(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,channels,sample_rate,duration", "-of", "csv=p=0", path)
	if strings.TrimSpace(got) != "pcm_s16le,8000,2,30.000000" {
		t.Errorf("ffprobe has %q", got)
	}
}

// Opus is kept as it came: a tone that ffmpeg encoded, of which a part was lost and a part never
// sent, is decoded by ffmpeg to a tone of the same height, with silence where there was none.
func TestOpusIsKeptAsItCame(t *testing.T) {
	packets := opusPackets(t)
	begun := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	s := newStudio(t)
	r := newReel(s.vault, Order{ID: "rec_2"}, begun)
	for i, packet := range packets {
		at := time.Duration(i) * frame
		if second := at / time.Second; second == 2 || second == 5 {
			continue
		}
		err := r.put(media.Sound{Speaker: media.B, TapPacket: relay.TapPacket{
			End: 1, Format: relay.Opus, Timestamp: uint32(i*960) + 1<<31, At: begun.Add(at), Payload: packet}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.write(begun.Add(at - horizon)); err != nil {
			t.Fatal(err)
		}
	}
	end := begun.Add(10 * time.Second)
	if err := r.write(end); err != nil {
		t.Fatal(err)
	}
	m, err := r.close(end, EndedWithCall)
	if err != nil || len(m.Parts) != 1 || m.Parts[0].Format != FormatOpusB {
		t.Fatalf("%+v, %v", m, err)
	}
	path, err := s.export(m.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,duration", "-of", "csv=p=0", path); strings.TrimSpace(got) != "opus,10.000000" {
		t.Errorf("ffprobe has %q", got)
	}
	heard := decoded8k(t, path)
	for second := range 10 {
		middle := heard[(second*8000 + 2000):(second*8000 + 7000)]
		share, silent := goertzel(middle, 1000, 8000), second == 2 || second == 5
		if loud := level(middle) > 300; loud == silent || loud && share < 0.8 {
			t.Errorf("second %d has level %.0f and %.2f of the tone", second, level(middle), share)
		}
	}
}

func level(samples []int16) (rms float64) {
	for _, s := range samples {
		rms += float64(s) * float64(s) / float64(len(samples))
	}
	return math.Sqrt(rms)
}

// opusPackets are ten seconds of a tone, as ffmpeg encodes it.
func opusPackets(t *testing.T) (packets [][]byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tone.opus")
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=48000:duration=10", "-c:a", "libopus", "-b:a", "24k",
		"-frame_duration", "20", path)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packet []byte
	for page := 0; len(file) >= 27; page++ {
		sizes := file[27 : 27+int(file[26])]
		file = file[27+len(sizes):]
		for _, size := range sizes {
			packet = append(packet, file[:size]...)
			file = file[size:]
			if size == 255 {
				continue
			}
			if page >= 2 { // behind head and tags
				packets = append(packets, packet)
			}
			packet = nil
		}
	}
	return packets
}
