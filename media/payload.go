package media

import (
	"strconv"
	"strings"

	"maskd/media/relay"
)

// payload is a format under the payload type number that a description gives it.
type payload struct {
	format relay.Format
	number uint8
}

const (
	staticPCMU = 0 // RFC 3551 section 6
	staticPCMA = 8
	// usualEvent is the number that most peers use for telephone-event.
	usualEvent = 101
	// dynamic numbers are those from here to lastNumber (RFC 3551 section 6).
	firstDynamic = 96
	lastNumber   = 127
)

// offered is what every offer of ours holds, in this order.
func offered(event uint8) []payload {
	return []payload{
		{relay.PCMA, staticPCMA},
		{relay.PCMU, staticPCMU},
		{relay.TelephoneEvent, event},
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

// choose gives the preferred audio if it is there, else the first there is.
func choose(payloads []payload, preferred relay.Format) (payload, bool) {
	if p, ok := find(payloads, preferred); ok {
		return p, true
	}
	for _, p := range payloads {
		if p.format.Audio() {
			return p, true
		}
	}
	return payload{}, false
}

// inOurOrder sorts a peer's payloads as ours are, one of each format.
func inOurOrder(payloads []payload) (sorted []payload) {
	for _, ours := range offered(usualEvent) {
		if p, ok := find(payloads, ours.format); ok {
			sorted = append(sorted, p)
		}
	}
	return sorted
}

// freeEvent is a number for telephone-event that means nothing else yet: a number once given
// must not change its meaning within a session (RFC 3264 section 8.3.2).
func freeEvent(numbers []uint8) uint8 {
	var taken [lastNumber + 1]bool
	for _, n := range numbers {
		taken[n] = true
	}
	if !taken[usualEvent] {
		return usualEvent
	}
	for n := firstDynamic; n <= lastNumber; n++ {
		if !taken[n] {
			return uint8(n)
		}
	}
	return usualEvent
}

// mapped reads the value of an rtpmap attribute (RFC 8866 section 6.6); the format is zero where
// it is none that we carry.
func mapped(value string) (p payload, ok bool) {
	number, encoding, _ := strings.Cut(value, " ")
	n, ok := payloadNumber(number)
	if !ok {
		return payload{}, false
	}
	p.number = n
	switch strings.ToLower(strings.TrimSuffix(strings.TrimSpace(encoding), "/1")) {
	case "pcma/8000":
		p.format = relay.PCMA
	case "pcmu/8000":
		p.format = relay.PCMU
	case "telephone-event/8000":
		p.format = relay.TelephoneEvent
	}
	return p, true
}

func payloadNumber(text string) (uint8, bool) {
	n, err := strconv.ParseUint(text, 10, 8)
	return uint8(n), err == nil && n <= lastNumber
}
