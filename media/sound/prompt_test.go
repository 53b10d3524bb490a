package sound

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
)

// wav is a file of the given format whose samples are already encoded.
func wav(tag, channels, rate, bits int, data []byte) []byte {
	format := make([]byte, 16)
	binary.LittleEndian.PutUint16(format, uint16(tag))
	binary.LittleEndian.PutUint16(format[2:], uint16(channels))
	binary.LittleEndian.PutUint32(format[4:], uint32(rate))
	binary.LittleEndian.PutUint16(format[14:], uint16(bits))
	return riff("fmt ", format, "LIST", []byte("odd"), "data", data)
}

// riff makes a file of chunks: id, body, id, body ...
func riff(chunks ...any) []byte {
	file := []byte("RIFF\xff\xff\xff\xffWAVE")
	for i := 0; i < len(chunks); i += 2 {
		var body []byte
		switch c := chunks[i+1].(type) {
		case []byte:
			body = c
		case string:
			body = []byte(c)
		}
		file = append(file, chunks[i].(string)...)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(body)))
		if file = append(file, body...); len(body)%2 == 1 {
			file = append(file, 0)
		}
	}
	return file
}

// sine of an amplitude as a part of full scale, in 16 bit.
func sine(frequency, amplitude float64, rate, n int) (data []byte) {
	for i := range n {
		s := amplitude * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)) * math.MaxInt16
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(math.Round(s))))
	}
	return data
}

// level is the root mean square as a part of a full-scale sine's, without the ends, where the
// filter sees the silence around the file.
func level(samples []int16) float64 {
	inner := samples[len(samples)/4 : len(samples)*3/4]
	var sum float64
	for _, s := range inner {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(2*sum/float64(len(inner))) / (1 << 15)
}

func load(t *testing.T, file []byte) []int16 {
	t.Helper()
	w, err := parseWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	return w.linear()
}

func TestPromptOfEachEncoding(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want []int16
	}{
		{"8 bit, unsigned", wav(1, 1, 8000, 8, []byte{0, 128, 255}), []int16{-32768, 0, 32512}},
		{"16 bit", wav(1, 1, 8000, 16, []byte{0, 0x80, 1, 0, 0xff, 0x7f}), []int16{-32768, 1, 32767}},
		{"24 bit", wav(1, 1, 8000, 24, []byte{0, 0, 0x80, 0, 1, 0, 0xff, 0xff, 0x7f}), []int16{-32768, 1, 32767}},
		{"32 bit", wav(1, 1, 8000, 32, []byte{0, 0, 0, 0x80, 0, 0, 1, 0}), []int16{-32768, 1}},
		{"float", wav(3, 1, 8000, 32, floats(0.5, -2, float32(math.NaN()))), []int16{16384, -32768, 0}},
		{"double", wav(3, 1, 8000, 64, []byte{0, 0, 0, 0, 0, 0, 0xe0, 0x3f}), []int16{16384}},
		{"A-law", wav(6, 1, 8000, 8, []byte{0xd5, 0x55, 0xaa, 0x2a}), []int16{8, -8, 32256, -32256}},
		{"mu-law", wav(7, 1, 8000, 8, []byte{0xff, 0x80, 0x00}), []int16{0, 32124, -32124}},
		{"stereo", wav(1, 2, 8000, 16, []byte{100, 0, 200, 0, 0, 0x80, 0, 0x80}), []int16{150, -32768}},
		{"half a sample at the end", wav(1, 1, 8000, 16, []byte{1, 0, 2}), []int16{1}},
		{"extensible", riff("fmt ", extensible(1, 16), "data", "\x01\x00"), []int16{1}},
		{"written to a pipe", pipe(wav(1, 1, 8000, 16, []byte{1, 0, 2, 0})), []int16{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := load(t, c.file)
			if len(got) != len(c.want) {
				t.Fatalf("%d, want %d", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%d, want %d", got, c.want)
				}
			}
		})
	}
}

func TestPromptIsResampled(t *testing.T) {
	for _, rate := range []int{6000, 11025, 16000, 22050, 44100, 48000, 96000} {
		for _, c := range []struct {
			frequency, least, most float64
		}{
			{300, 0.495, 0.505},
			{1000, 0.495, 0.505},
			{2500, 0.495, 0.505},
			{5000, 0, 0.0002}, // would be heard at 3000 Hz: 68 dB below
			{7900, 0, 0.0002}, // at 100 Hz
		} {
			if c.frequency > float64(rate)/2 {
				continue
			}
			got := load(t, wav(1, 1, rate, 16, sine(c.frequency, 0.5, rate, rate)))
			if l := level(got); l < c.least || l > c.most {
				t.Errorf("%v Hz at %d: level %.5f", c.frequency, rate, l)
			}
			if len(got) != 8000 {
				t.Errorf("a second at %d: %d samples", rate, len(got))
			}
		}
	}
}

func TestPromptKeepsItsPitch(t *testing.T) {
	got := load(t, wav(1, 1, 44100, 16, sine(1000, 0.5, 44100, 44100)))
	for i := 2000; i < 6000; i++ {
		want := 0.5 * math.Sin(2*math.Pi*float64(i)/8) * math.MaxInt16
		if math.Abs(float64(got[i])-want) > 40 {
			t.Fatalf("sample %d: %d, want %.0f", i, got[i], want)
		}
	}
}

func TestPromptIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"nothing", "expected a RIFF/WAVE file", nil},
		{"an MP3", "expected a RIFF/WAVE file", []byte("ID3\x04 and so on")},
		{"no samples", "expected a data chunk", riff("fmt ", extensible(1, 16))},
		{"samples first", "expected a fmt chunk before the data chunk", riff("data", "xx")},
		{"half a format", "expected a fmt chunk of 16 octets", riff("fmt ", "short")},
		{"GSM", "expected PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law or mu-law, found format 49 of 16 bits", wav(49, 1, 8000, 16, []byte("xx"))},
		{"12 bit", "found format 1 of 12 bits", wav(1, 1, 8000, 12, []byte("xx"))},
		{"5.1", "expected mono or stereo, found 6 channels", wav(1, 6, 48000, 16, []byte("xx"))},
		{"rate 0", "expected 4000 to 192000 samples in a second, found 0", wav(1, 1, 0, 16, []byte("xx"))},
		{"no sound", "expected sound, found none", wav(1, 1, 8000, 16, nil)},
		{"six minutes", "expected at most 5m0s of sound, found 6m0s", wav(1, 1, 8000, 8, make([]byte, 360*8000))},
		{"a huge file", "expected a file of at most 32 MiB", make([]byte, 33<<20)},
	} {
		_, err := Load(fstest.MapFS{"en/p.wav": {Data: c.file}}, "en/p.wav")
		if !errors.Is(err, ErrPrompt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "en/p.wav") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestPromptThatIsNotThere(t *testing.T) {
	_, err := Load(fstest.MapFS{}, "en/p.wav")
	if !errors.Is(err, ErrPrompt) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "en/p.wav") {
		t.Errorf("%v", err)
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wav(1, 2, 44100, 24, make([]byte, 60)))
	f.Add(riff("fmt ", extensible(3, 32), "data", "abcdefgh"))
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := parseWAV(file)
		if (err == nil) != (len(w.samples) > 0) || err != nil && !errors.Is(err, ErrPrompt) {
			t.Fatalf("%d samples, %v", len(w.samples), err)
		}
		for _, s := range w.samples {
			if !(s >= -1 && s <= 1) {
				t.Fatalf("sample %v", s)
			}
		}
	})
}

func extensible(tag, bits int) []byte {
	format := make([]byte, 40)
	binary.LittleEndian.PutUint16(format, 0xfffe)
	format[2] = 1
	binary.LittleEndian.PutUint32(format[4:], 8000)
	format[14], format[24] = byte(bits), byte(tag)
	return format
}

// pipe leaves the length of the data open, as a program does that can't go back to write it.
func pipe(file []byte) []byte {
	at := strings.Index(string(file), "data") + 4
	binary.LittleEndian.PutUint32(file[at:], math.MaxUint32)
	return file
}

func floats(values ...float32) (data []byte) {
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}
