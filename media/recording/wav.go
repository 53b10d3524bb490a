package recording

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
	"time"

	"maskd/media"
)

const (
	wavHead   = 44 // bytes before the first sample
	wavFrame  = 4  // bytes of a sample of both sides
	wavRateAt = 24 // where the header has the rate
	// ahead is how much of the time line waits to be written, in samples at 8 kHz: 8 s, of which the
	// horizon is one, and the others are what a tap holds. It is a power of two.
	ahead = 1 << 16
)

// endless is the size in the header of a file whose size is not known yet.
const endless = math.MaxUint32

// wav is a stereo file of 16 bit samples, A on the left. Its header says that it never ends: its
// size is known when that has long been encrypted. [Export] sets it.
type wav struct {
	file  flushed
	rate  int
	sides [2]side
}

// side is what one speaker says, on its way to its place.
type side struct {
	speech speech
	track  *track
}

func newWAV(out io.Writer, rate int) *wav {
	w := &wav{file: flushed{out: out}, rate: rate}
	for i := range w.sides {
		w.sides[i] = side{speech{rate: rate}, newTrack(ahead * rate / narrow)}
	}
	w.file.buf = appendWAVHeader(w.file.buf, rate, endless)
	return w
}

// appendWAVHeader writes the header of a file with so many bytes of samples.
func appendWAVHeader(b []byte, rate int, size uint32) []byte {
	const pcm, channels, bits = 1, 2, 16
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, max(size, size+wavHead-8))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, pcm)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*wavFrame))
	b = le.AppendUint16(b, wavFrame)
	b = le.AppendUint16(b, bits)
	b = append(b, "data"...)
	return le.AppendUint32(b, size)
}

// wavRate reads the rate back.
func wavRate(head [wavHead]byte) int { return int(binary.LittleEndian.Uint32(head[wavRateAt:])) }

func (w *wav) put(p media.Sound, place int64) {
	s := &w.sides[p.Speaker-media.A]
	s.track.put(place*int64(w.rate)/int64(p.Format.Clock()), s.speech.decode(p.Format, p.Payload))
}

func (w *wav) write(until time.Duration) error {
	due := int64(until) * int64(w.rate) / int64(time.Second)
	a, b := w.sides[0].track, w.sides[1].track
	for a.written < due {
		most := min(due-a.written, writeRoom/wavFrame)
		left := a.next(most)
		w.interleave(left, b.next(most))
		n := len(left)
		a.take(n)
		b.take(n)
		if err := w.file.ifFull(); err != nil {
			return err
		}
	}
	return w.file.flush()
}

// interleave appends the samples of both sides, of which there are as many.
func (w *wav) interleave(left, right []int16) {
	at := len(w.file.buf)
	w.file.buf = slices.Grow(w.file.buf, wavFrame*len(left))[:at+wavFrame*len(left)]
	to, right := w.file.buf[at:], right[:len(left)]
	for i, sample := range left {
		binary.LittleEndian.PutUint32(to, uint32(uint16(sample))|uint32(uint16(right[i]))<<16)
		to = to[wavFrame:]
	}
}

func (w *wav) end() error { return nil }

func (w *wav) late() int { return w.sides[0].track.late + w.sides[1].track.late }
