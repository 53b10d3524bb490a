package recording

import (
	"encoding/binary"
	"time"

	"maskd/media"
)

const (
	g729Octets = 10 // of a frame, which lasts 10 ms
	g729Noise  = 2  // octets of a frame of comfort noise, the last of a packet (RFC 3551 section 4.5.6)

	g729Head = 58 // bytes of the header of a WAV file of G.729
	// g729Format is WAVE_FORMAT_G729A of the list that Microsoft keeps (RFC 2361 has an early one).
	g729Format = 0x0083
)

// framingOfG729 is a WAV file of G.729: it has no other file that players open.
func framingOfG729() framing {
	return framing{
		frame: 10 * time.Millisecond, head: appendG729Header(nil, endless), cut: cutG729,
		// What encoders make of silence.
		silence: []byte{0x78, 0x12, 0x80, 0xa0, 0x00, 0xfa, 0xc2, 0x00, 0x07, 0xd6},
	}
}

func cutG729(to []heldFrame, p *media.Sound) ([]heldFrame, bool) {
	octets := p.Payload
	for ; len(octets) >= g729Octets; octets = octets[g729Octets:] {
		f := heldFrame{size: g729Octets}
		copy(f.octets[:], octets[:g729Octets])
		to = append(to, f)
	}
	return to, len(octets) == 0 || len(octets) == g729Noise
}

// appendG729Header writes the header of a file with so many bytes of frames.
func appendG729Header(b []byte, size uint32) []byte {
	const channels, samples = 1, 80 // of a frame
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, max(size, size+g729Head-8))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, g729Format)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, narrow)
	b = le.AppendUint32(b, narrow/samples*g729Octets)
	b = le.AppendUint16(b, g729Octets)
	b = le.AppendUint16(b, 0) // bits of a sample: it has none
	b = le.AppendUint16(b, 0) // bytes of what else is to be said
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, size/g729Octets*samples)
	b = append(b, "data"...)
	return le.AppendUint32(b, size)
}
