package media

import (
	"strings"

	"maskd/media/relay"
)

// Codec is a kind of sound, or of what goes with it, that a leg may agree on.
type Codec = relay.Format

// The codecs. PCMA and PCMU are turned into each other where the legs differ; any other passes
// where both legs have it. Prompts are heard on legs that speak one of these two.
const (
	PCMA           = relay.PCMA
	PCMU           = relay.PCMU
	G722           = relay.G722
	Opus           = relay.Opus
	G729           = relay.G729
	AMR            = relay.AMR
	AMRWB          = relay.AMRWB
	L16            = relay.L16
	L16Wide        = relay.L16Wide
	ComfortNoise   = relay.ComfortNoise
	TelephoneEvent = relay.TelephoneEvent // at the clocks of the other codecs too
)

// ParseCodec reads the name of a codec as RFC 3551 and its successors have it, in upper or lower
// case: pcma, pcmu, g722, opus, g729, amr, amr-wb, l16, l16/16000, cn, telephone-event.
func ParseCodec(name string) (codec Codec, ok bool) {
	for c := PCMA; c <= TelephoneEvent; c++ {
		if strings.EqualFold(configured(c), name) {
			return c, true
		}
	}
	return 0, false
}

// configured is the name of a codec as a configuration has it: that of its encoding, and its clock
// where the encoding has another one that is more usual.
func configured(c Codec) string {
	if c == L16Wide {
		return "L16/16000"
	}
	return c.String()
}

// telephone is what every telephone and every carrier speaks.
func telephone() []Codec { return []Codec{PCMA, PCMU, TelephoneEvent} }

// isEvent tells whether a format is DTMF that goes with an audio format: an event's clock is that
// of the audio (RFC 4733 section 2.1), but 8 kHz is what many peers have whatever they speak.
func isEvent(event, audio Codec) bool {
	return event == TelephoneEvent || event.Event() && event.Clock() == audio.Clock()
}
