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

// encoding is what stands for a format in an rtpmap (RFC 8866 section 6.6).
func encoding(format relay.Format) string {
	text := format.String() + "/" + strconv.Itoa(format.Clock())
	if format == Opus {
		text += "/2" // always, whatever is sent (RFC 7587 section 7)
	}
	return text
}

// mapped reads the value of an rtpmap attribute; the format is zero where it is none that we
// carry.
func mapped(value string) (number uint8, format relay.Format, ok bool) {
	text, name, _ := strings.Cut(value, " ")
	number, ok = payloadNumber(text)
	name, rate, _ := strings.Cut(strings.TrimSpace(name), "/")
	rate = strings.TrimSuffix(rate, "/1") // one channel, which goes without saying
	for f := PCMA; f <= relay.TelephoneEventFull; f++ {
		if !strings.EqualFold(name, f.String()) {
			continue // without writing the encoding: several formats are tried for each number
		}
		if _, want, _ := strings.Cut(encoding(f), "/"); rate == want {
			return number, f, ok
		}
	}
	return number, 0, ok
}

func payloadNumber(text string) (uint8, bool) {
	n, err := strconv.ParseUint(text, 10, 8)
	return uint8(n), err == nil && n <= lastNumber
}
