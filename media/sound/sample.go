package sound

import (
	"encoding/binary"
	"math"

	"maskd/media/relay"
)

// The format tags of a WAV file that we read.
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xFFFE // the tag stands in the first octets of a GUID
)

// decoder gives what reads a sample of one channel, or nil where there is nothing that does.
func decoder(tag uint16, bits int) func([]byte) float32 {
	switch {
	case tag == tagPCM && bits == 8:
		return pcm8
	case tag == tagPCM && bits == 16:
		return pcm16
	case tag == tagPCM && bits == 24:
		return pcm24
	case tag == tagPCM && bits == 32:
		return pcm32
	case tag == tagFloat && bits == 32:
		return float32Sample
	case tag == tagFloat && bits == 64:
		return float64Sample
	case tag == tagALaw && bits == 8:
		return func(b []byte) float32 { return companded(relay.PCMA, b[0]) }
	case tag == tagMuLaw && bits == 8:
		return func(b []byte) float32 { return companded(relay.PCMU, b[0]) }
	default:
		return nil
	}
}

// pcm8 is the one width that a WAV file keeps without a sign.
func pcm8(b []byte) float32 { return float32(int(b[0])-128) / (1 << 7) }

func pcm16(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) }

func pcm24(b []byte) float32 {
	return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
}

func pcm32(b []byte) float32 {
	return float32(float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31))
}

func float32Sample(b []byte) float32 {
	return finite(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
}

func float64Sample(b []byte) float32 {
	return finite(math.Float64frombits(binary.LittleEndian.Uint64(b)))
}

// finite keeps to the range of sound what a float may hold besides: one infinity would spoil all
// that the filter touches.
func finite(f float64) float32 {
	if math.IsNaN(f) {
		return 0
	}
	return float32(max(-1, min(1, f)))
}

func companded(law relay.Format, octet byte) float32 {
	return float32(relay.Linear(law, octet)) / (1 << 15)
}
