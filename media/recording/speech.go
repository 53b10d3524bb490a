package recording

import (
	"encoding/binary"

	"maskd/media/relay"
)

// The rates of a WAV file, in samples per second.
const (
	narrow = 8000
	wide   = 16000
)

// speech decodes what one speaker says.
type speech struct {
	rate int // of the samples that are wanted
	g722 *g722
	buf  []int16
}

// decode returns the samples of a payload, at the rate that is wanted; valid until the next. None
// for a format that is not decoded.
func (s *speech) decode(format relay.Format, payload []byte) []int16 {
	s.buf = s.buf[:0]
	switch format {
	case relay.PCMA, relay.PCMU:
		s.buf = s.fitted(relay.AppendLinear(s.buf, format, payload), narrow)
	case relay.G722:
		if s.g722 == nil {
			s.g722 = newG722()
		}
		s.buf = s.g722.decode(s.buf, payload)
		s.buf = s.fitted(s.buf, wide)
	case relay.L16, relay.L16Wide:
		for ; len(payload) > 1; payload = payload[2:] {
			s.buf = append(s.buf, int16(binary.BigEndian.Uint16(payload)))
		}
		s.buf = s.fitted(s.buf, format.Clock())
	}
	return s.buf
}

// fitted returns samples of a rate at the one that is wanted.
func (s *speech) fitted(samples []int16, rate int) []int16 {
	switch {
	case rate < s.rate:
		return widen(samples)
	case rate > s.rate:
		return narrowed(samples)
	default:
		return samples
	}
}

// decoded tells whether the format is decoded, and the rate that it has.
func decoded(format relay.Format) (rate int, ok bool) {
	switch format {
	case relay.PCMA, relay.PCMU, relay.L16:
		return narrow, true
	case relay.G722, relay.L16Wide:
		return wide, true
	default:
		return 0, false
	}
}

// widen doubles the rate in place: between two samples stands their mean.
func widen(samples []int16) []int16 {
	n := len(samples)
	samples = append(samples, samples...)
	for i := n - 1; i >= 0; i-- {
		next := samples[i]
		if i+1 < n {
			next = samples[2*(i+1)]
		}
		samples[2*i], samples[2*i+1] = samples[i], int16((int(samples[i])+int(next))/2)
	}
	return samples
}

// narrowed halves the rate in place: of two samples stands the mean.
func narrowed(samples []int16) []int16 {
	for i := range len(samples) / 2 {
		samples[i] = int16((int(samples[2*i]) + int(samples[2*i+1])) / 2)
	}
	return samples[:len(samples)/2]
}
