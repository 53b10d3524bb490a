package recording

import (
	"time"

	"maskd/media"
)

// amrFamily is one of the two codecs that share the payloads and the files of RFC 4867.
type amrFamily uint8

const (
	amrNarrow amrFamily = iota + 1 // AMR
	amrWide                        // AMR-WB
)

// What a frame is, if it is not speech at the rate of that number (RFC 4867 section 4.3.2).
const (
	amrLost   = 14 // of AMR-WB: speech that did not arrive where it was packed
	amrNoData = 15
)

const (
	// amrHeader are the bits of an octet-aligned table's entry that stand before a frame in a file
	// too: its type, and whether it is whole.
	amrHeader = 0x7C
	amrWhole  = 0x04
	// amrMost is how many frames a packet may have. A second is more than any telephone keeps.
	amrMost = 50
)

func (a amrFamily) framing() framing {
	if a == amrWide {
		return framing{
			frame: 20 * time.Millisecond, head: []byte("#!AMR-WB\n"), cut: a.cut,
			// What encoders make of silence, at 6.60 kbit/s.
			silence: []byte{0x04, 0x10, 0x30, 0x00, 0x38, 0x1c, 0x27, 0xc1, 0x83, 0xcf, 0x15, 0x5a, 0xc0, 0xd3, 0x33, 0x53, 0x93, 0xb0},
		}
	}
	return framing{
		frame: 20 * time.Millisecond, head: []byte("#!AMR\n"), cut: a.cut,
		// The same at 4.75 kbit/s.
		silence: []byte{0x04, 0x36, 0x3c, 0xc7, 0xf0, 0x67, 0x04, 0x35, 0xff, 0xe0, 0x00, 0x00, 0x00},
	}
}

// bits is how long a frame of a type is (RFC 4867 tables 1 and 2 of section 3.6 and the
// comfort noise of 3GPP TS 26.101 and 26.201), and whether it is speech; -1: there is no such type.
func (a amrFamily) bits(kind byte) (n int, speech bool) {
	rates, noise := []int{95, 103, 118, 134, 148, 159, 204, 244}, 39
	if a == amrWide {
		rates, noise = []int{132, 177, 253, 285, 317, 365, 397, 461, 477}, 40
	}
	switch {
	case int(kind) < len(rates):
		return rates[kind], true
	case int(kind) == len(rates):
		return noise, false
	case kind == amrNoData, kind == amrLost && a == amrWide:
		return 0, false
	default:
		return -1, false
	}
}

// cut reads a packet: what mode its sender wants, a table of what the frames are, and the frames.
// In the octet-aligned form each begins with an octet, in the other one where the last ends (RFC
// 4867 sections 4.3 and 4.4).
func (a amrFamily) cut(to []heldFrame, p *media.Sound) ([]heldFrame, bool) {
	in := bitReader{octets: p.Payload, aligned: p.Aligned}
	in.read(4)
	in.align()
	first := len(to)
	for more := true; more; {
		entry := in.read(6)
		in.align()
		more = entry&0x20 != 0
		if in.over || len(to)-first == amrMost {
			return to[:first], false
		}
		to = append(to, heldFrame{octets: [largestFrame]byte{entry << 2 & amrHeader}})
	}
	for i := range to[first:] {
		if !a.fill(&to[first+i], &in) {
			return to[:first], false
		}
	}
	return to, true
}

// fill reads the frame that the table says, and keeps it if it is speech and whole.
func (a amrFamily) fill(f *heldFrame, in *bitReader) bool {
	n, speech := a.bits(f.octets[0] >> 3)
	if n < 0 {
		return false
	}
	size := 1
	for ; n > 0; n -= 8 {
		octet := in.read(min(n, 8))
		f.octets[size] = octet << (8 - min(n, 8))
		size++
	}
	in.align()
	if speech && f.octets[0]&amrWhole != 0 {
		f.size = uint8(size)
	}
	return !in.over
}

// bitReader reads what may begin anywhere in an octet.
type bitReader struct {
	octets  []byte
	aligned bool // what comes next always begins with an octet
	at      int  // in bits
	over    bool // more was read than there is
}

// read gives so many bits, at most 8, as the lowest of an octet.
func (r *bitReader) read(n int) (b byte) {
	if r.at+n > 8*len(r.octets) {
		r.over = true
		return 0
	}
	both := uint16(r.octets[r.at/8]) << 8
	if r.at/8+1 < len(r.octets) {
		both |= uint16(r.octets[r.at/8+1])
	}
	b = byte(both << (r.at % 8) >> (16 - n))
	r.at += n
	return b
}

// align goes on to the next octet, where that is the form.
func (r *bitReader) align() {
	if r.aligned {
		r.at = (r.at + 7) / 8 * 8
	}
}
