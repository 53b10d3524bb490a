package recording

import (
	"io"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// framing is a codec of frames that all last the same, and the file that it is kept in: a head,
// and a frame for each such time from the beginning of the recording on.
type framing struct {
	frame time.Duration
	head  []byte
	// silence is a frame that any decoder makes silence of, and the next one is a word as it was.
	// What a codec has to say that nothing is sent (NO_DATA, SID, no frame at all) is no use: the
	// decoders of many players skip it, and what comes behind it is then heard too early.
	silence []byte
	// cut appends the frames of a packet, and reports false if it is no packet of the codec.
	cut func(to []heldFrame, p *media.Sound) ([]heldFrame, bool)
}

// framingOf is how a codec is kept; false if it is not one of frames.
func framingOf(codec relay.Format) (framing, bool) {
	switch codec {
	case relay.AMR:
		return amrNarrow.framing(), true
	case relay.AMRWB:
		return amrWide.framing(), true
	case relay.G729:
		return framingOfG729(), true
	default:
		return framing{}, false
	}
}

const (
	// largestFrame is one of AMR-WB at 23.85 kbit/s with its header (RFC 4867 section 5.3).
	largestFrame = 61
	// frameRoom is how many frames wait to be written: 10 s of the shortest, of which the horizon is
	// one, and the others are more than a tap holds. It is a power of two.
	frameRoom = 1024
	// concealed is how long the last frame stands for those that were lost behind it, as it would
	// in a decoder (3GPP TS 26.091 section 6): in silence it would forget how loud the speaker is.
	concealed = 40 * time.Millisecond
)

// frames is what one speaker said, frame by frame as they came.
type frames struct {
	framing
	file    flushed
	ring    [frameRoom]heldFrame // what is not written yet is at its place modulo that
	written int64                // places before this are in the file
	last    heldFrame            // the one written last, if it was speech
	again   int64                // how often it was written again
	cutUp   []heldFrame          // of the latest packet
	missed  int
}

// heldFrame is one that waits for its place to be written; without octets it has no speech.
type heldFrame struct {
	size   uint8
	octets [largestFrame]byte
}

func newFrames(out io.Writer, f framing) *frames {
	return &frames{framing: f, file: flushed{out: out, buf: append([]byte(nil), f.head...)}}
}

// put lays the frames of a packet in the places that are nearest.
func (f *frames) put(p media.Sound, place int64) {
	length := int64(f.frame) * int64(p.Format.Clock()) / int64(time.Second)
	at := (place + length/2) / length
	var ok bool
	if f.cutUp, ok = f.cut(f.cutUp[:0], &p); !ok {
		f.missed++
		return
	}
	for i := range f.cutUp {
		if f.cutUp[i].size > 0 {
			f.hold(at+int64(i), &f.cutUp[i])
		}
	}
}

// hold keeps a frame for its place, if that is neither written nor taken, nor further ahead than
// there is room.
func (f *frames) hold(at int64, frame *heldFrame) {
	to := f.at(at)
	if at < f.written || at >= f.written+frameRoom || to.size > 0 {
		f.missed++
		return
	}
	*to = *frame
}

func (f *frames) at(place int64) *heldFrame { return &f.ring[place&(frameRoom-1)] }

func (f *frames) write(until time.Duration) error {
	for due := int64(until / f.frame); f.written < due; f.written++ {
		f.file.buf = append(f.file.buf, f.next()...)
		if err := f.file.ifFull(); err != nil {
			return err
		}
	}
	return f.file.flush()
}

// next is the frame of the place that is written now.
func (f *frames) next() []byte {
	held := f.at(f.written)
	switch {
	case held.size > 0:
		f.last, f.again = *held, 0
		*held = heldFrame{}
	case f.last.size > 0 && f.resumes():
		f.again++
	default:
		f.last.size = 0
		return f.silence
	}
	return f.last.octets[:f.last.size]
}

// resumes tells whether what is missing here is so little that speech goes on behind it.
func (f *frames) resumes() bool {
	for gap := int64(1); f.again+gap <= int64(concealed/f.frame); gap++ {
		if f.at(f.written+gap).size > 0 {
			return true
		}
	}
	return false
}

func (f *frames) end() error { return nil }

func (f *frames) late() int { return f.missed }
