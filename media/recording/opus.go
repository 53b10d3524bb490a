package recording

import (
	"io"
	"slices"
	"time"

	"maskd/media"
)

const (
	// opusRate is the rate at which Opus counts, whatever it carries (RFC 7587 section 4.1).
	opusRate = 48000
	// opusGap is the shortest frame that Opus has, 2.5 ms: what is less is no gap.
	opusGap = opusRate / 400
	// opusRoom is how far ahead of the file a packet may be, of which the horizon is a second: as
	// much as [ahead] is of samples. A peer whose timestamps leap fills no memory.
	opusRoom = 8 * opusRate
)

// opusFile is what one speaker said, packet by packet as it came, in an Ogg file (RFC 7845).
type opusFile struct {
	pages   pages
	waiting []opusPacket // by place
	missed  int
}

type opusPacket struct {
	place  int64
	packet []byte
}

func newOpusFile(out io.Writer) *opusFile {
	f := &opusFile{pages: pages{file: flushed{out: out}}}
	f.pages.page(opusHead(), oggFirst)
	f.pages.page([]byte("OpusTags\x05\x00\x00\x00maskd\x00\x00\x00\x00"), 0)
	return f
}

// opusHead is the first packet of RFC 7845 section 5.1: one channel, and nothing to be skipped,
// since the file begins with silence or with the first word of a decoder that knows none before.
func opusHead() []byte {
	return []byte("OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00")
}

func (f *opusFile) put(p media.Sound, place int64) {
	if opusLength(p.Payload) == 0 {
		return
	}
	if place > f.pages.granule+opusRoom {
		f.missed++
		return
	}
	packet := opusPacket{place, slices.Clone(p.Payload)}
	at, _ := slices.BinarySearchFunc(f.waiting, packet.place, func(w opusPacket, place int64) int { return int(w.place - place) })
	f.waiting = slices.Insert(f.waiting, at, packet)
}

func (f *opusFile) write(until time.Duration) error {
	due := int64(until) * opusRate / int64(time.Second)
	n := 0
	for ; n < len(f.waiting) && f.waiting[n].place < due; n++ {
		f.append(f.waiting[n])
	}
	f.waiting = slices.Delete(f.waiting, 0, n)
	f.silence(due)
	return f.pages.flush()
}

// append writes a packet where it belongs, to half its length: one that would come later than
// that is left out.
func (f *opusFile) append(p opusPacket) {
	length := opusLength(p.packet)
	f.silence(p.place)
	if f.pages.granule > p.place+length/2 {
		f.missed++
		return
	}
	f.pages.packet(p.packet, length)
}

// silence fills the time until a place, if anything is missing there.
func (f *opusFile) silence(until int64) {
	for _, pause := range opusSilences() {
		for until-f.pages.granule >= pause.length {
			f.pages.packet(pause.packet[:], pause.length)
		}
	}
}

func (f *opusFile) end() error { return f.pages.close() }

func (f *opusFile) late() int { return f.missed }

type opusSilence struct {
	length int64
	packet [3]byte
}

// opusSilences are frames of 20, 10, 5 and 2.5 ms of silence in CELT: two octets that are all
// that the range coder needs to say so.
func opusSilences() [4]opusSilence {
	return [4]opusSilence{
		{8 * opusGap, [3]byte{31 << 3, 0xFF, 0xFE}}, {4 * opusGap, [3]byte{30 << 3, 0xFF, 0xFE}},
		{2 * opusGap, [3]byte{29 << 3, 0xFF, 0xFE}}, {opusGap, [3]byte{28 << 3, 0xFF, 0xFE}},
	}
}

// opusLength is how long a packet lasts (RFC 6716 sections 3.1 and 3.2); 0 if it is none.
func opusLength(packet []byte) int64 {
	if len(packet) == 0 {
		return 0
	}
	frames := int64(1)
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		frames = int64(packet[1] & 0x3F)
	}
	if length := frames * opusFrame(packet[0]>>3); length <= 48*opusGap { // 120 ms
		return length
	}
	return 0
}

// opusFrame is how long a frame of a configuration lasts.
func opusFrame(config byte) int64 {
	switch {
	case config >= 16:
		return opusGap << (config & 3)
	case config >= 12:
		return 4 * opusGap << (config & 1)
	case config&3 == 3:
		return 24 * opusGap // 60 ms
	default:
		return 4 * opusGap << (config & 3)
	}
}
