package media

import (
	"strconv"
	"strings"

	"maskd/media/relay"
)

// payload is a format under the payload type number that a description gives it.
type payload struct {
	choice
	number uint8
}

// lastNumber is the highest payload type (RFC 3551 section 3).
const lastNumber = 127

// static is the format that a number means without an rtpmap (RFC 3551 section 6); zero: none.
func static(number uint8) relay.Format {
	switch number {
	case 0:
		return PCMU
	case 8:
		return PCMA
	case 9:
		return G722
	case 13:
		return ComfortNoise
	case 18:
		return G729
	default:
		return 0
	}
}

// find gives the first payload of a format.
func find(payloads []payload, format relay.Format) (payload, bool) {
	for _, p := range payloads {
		if p.format == format {
			return p, true
		}
	}
	return payload{}, false
}

// rate is what stands in an rtpmap after a format's name (RFC 8866 section 6.6): its clock, and its
// channels where they are not one.
func rate(format relay.Format) string {
	switch {
	case format == Opus:
		return "48000/2" // always, whatever is sent (RFC 7587 section 7)
	case format.Clock() == 48000:
		return "48000"
	case format.Clock() == 16000:
		return "16000"
	default:
		return "8000"
	}
}

// mapped reads the value of an rtpmap attribute; the format is zero where it is none that we
// carry.
func mapped(value string) (number uint8, format relay.Format, ok bool) {
	text, name, _ := strings.Cut(value, " ")
	number, ok = payloadNumber(text)
	name, clock, _ := strings.Cut(strings.TrimSpace(name), "/")
	clock = strings.TrimSuffix(clock, "/1") // one channel, which goes without saying
	for f := PCMA; f <= relay.TelephoneEventFull; f++ {
		if strings.EqualFold(name, f.String()) && clock == rate(f) {
			return number, f, ok
		}
	}
	return number, 0, ok
}

func payloadNumber(text string) (uint8, bool) {
	n, err := strconv.ParseUint(text, 10, 8)
	return uint8(n), err == nil && n <= lastNumber
}
