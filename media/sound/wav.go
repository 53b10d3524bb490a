package sound

import (
	"encoding/binary"
	"fmt"
	"time"
)

// wave is sound as it was before it is made fit for a call: one channel, full scale is 1.
type wave struct {
	rate    int // samples in a second
	samples []float32
}

const (
	// Rates that sound cards and studios use lie well within these, in Hz.
	minRate, maxRate = 4000, 192000
	// maxPrompt is far above what a caller listens to.
	maxPrompt = 5 * time.Minute
)

// parseWAV reads a RIFF/WAVE file. Chunks other than the format and the samples don't matter to
// us. The error says what was expected, for the person who made the file.
func parseWAV(file []byte) (wave, error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return wave{}, fmt.Errorf("%w: expected a RIFF/WAVE file", ErrPrompt)
	}
	var format wavFormat
	for rest := file[12:]; len(rest) >= 8; {
		id, body, after := chunk(rest)
		rest = after
		switch id {
		case "fmt ":
			var err error
			if format, err = parseWAVFormat(body); err != nil {
				return wave{}, err
			}
		case "data":
			return format.decode(body)
		}
	}
	return wave{}, fmt.Errorf("%w: expected a data chunk", ErrPrompt)
}

// chunk cuts the first chunk off. One that claims more than there is, as a file that was
// written to a pipe does, has the rest; a chunk of odd length is followed by a pad octet.
func chunk(b []byte) (id string, body, rest []byte) {
	id, b = string(b[:4]), b[4:]
	size := uint64(binary.LittleEndian.Uint32(b))
	b = b[4:]
	if size > uint64(len(b)) {
		return id, b, nil
	}
	body, rest = b[:size], b[size:]
	if size%2 == 1 && len(rest) > 0 {
		rest = rest[1:]
	}
	return id, body, rest
}

// wavFormat is the fmt chunk.
type wavFormat struct {
	channels int
	rate     int
	block    int // octets of one sample of all channels
	sample   func([]byte) float32
}

func parseWAVFormat(body []byte) (wavFormat, error) {
	if len(body) < 16 {
		return wavFormat{}, fmt.Errorf("%w: expected a fmt chunk of 16 octets or more", ErrPrompt)
	}
	tag := binary.LittleEndian.Uint16(body)
	if tag == tagExtensible && len(body) >= 26 {
		tag = binary.LittleEndian.Uint16(body[24:])
	}
	bits := int(binary.LittleEndian.Uint16(body[14:]))
	f := wavFormat{
		channels: int(binary.LittleEndian.Uint16(body[2:])),
		rate:     int(binary.LittleEndian.Uint32(body[4:])),
		sample:   decoder(tag, bits),
	}
	switch {
	case f.sample == nil:
		return wavFormat{}, fmt.Errorf("%w: expected PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law or mu-law, found format %d of %d bits", ErrPrompt, tag, bits)
	case f.channels != 1 && f.channels != 2:
		return wavFormat{}, fmt.Errorf("%w: expected mono or stereo, found %d channels", ErrPrompt, f.channels)
	case f.rate < minRate || f.rate > maxRate:
		return wavFormat{}, fmt.Errorf("%w: expected %d to %d samples in a second, found %d", ErrPrompt, minRate, maxRate, f.rate)
	}
	f.block = f.channels * bits / 8
	return f, nil
}

// decode makes one channel of the samples: of two, the mean.
func (f wavFormat) decode(data []byte) (wave, error) {
	if f.block == 0 {
		return wave{}, fmt.Errorf("%w: expected a fmt chunk before the data chunk", ErrPrompt)
	}
	n := len(data) / f.block
	switch length := time.Duration(n) * time.Second / time.Duration(f.rate); {
	case n == 0:
		return wave{}, fmt.Errorf("%w: expected sound, found none", ErrPrompt)
	case length > maxPrompt:
		return wave{}, fmt.Errorf("%w: expected at most %s of sound, found %s", ErrPrompt, maxPrompt, length)
	}
	w := wave{rate: f.rate, samples: make([]float32, n)}
	width := f.block / f.channels
	for i := range w.samples {
		at := data[i*f.block:]
		w.samples[i] = f.sample(at)
		if f.channels == 2 {
			w.samples[i] = (w.samples[i] + f.sample(at[width:])) / 2
		}
	}
	return w, nil
}
