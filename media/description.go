package media

import (
	"fmt"
	"net/netip"

	"github.com/pion/sdp/v3"
)

// description is what a peer's SDP says, as far as it concerns us.
type description struct {
	streams   []stream // every m= line, in order
	audio     int      // the index of the one that is ours
	rtp       netip.AddrPort
	rtcp      netip.AddrPort
	numbers   []uint8   // every payload type number of our stream
	payloads  []payload // those among them that we carry, in the peer's order
	direction direction
}

// read reads a peer's SDP. The address family is the only one that we can send to.
// Errors: ErrMalformed, ErrNotAudio, ErrNoCodec, ErrAddress.
func read(body []byte, ipv4 bool) (description, error) {
	session, sections, err := split(body)
	if err != nil {
		return description{}, err
	}
	d := description{audio: -1}
	for i, section := range sections {
		s, err := readStream(section)
		if err != nil {
			return description{}, err
		}
		if d.audio < 0 && s.ours() {
			d.audio = i
		}
		d.streams = append(d.streams, s)
	}
	// Whether it is SDP at all is asked first: a body that is none is a 400, not a 488.
	var stream section
	if d.audio >= 0 {
		stream = sections[d.audio]
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(orderly(session, stream)); err != nil {
		// The parser's error quotes the peer.
		return description{}, fmt.Errorf("parse description: %w", ErrMalformed)
	}
	if d.audio < 0 {
		return description{}, ErrNotAudio
	}
	if err := d.readAudio(&parsed, ipv4); err != nil {
		return description{}, err
	}
	return d, nil
}

func (d *description) readAudio(session *sdp.SessionDescription, ipv4 bool) error {
	audio := session.MediaDescriptions[0]
	if d.readPayloads(audio); len(d.payloads) == 0 {
		return ErrNoCodec
	}
	if _, ok := choose(d.payloads, 0); !ok {
		return ErrNoCodec
	}
	d.direction = readDirection(session.Attributes, audio.Attributes)
	return d.readAddresses(session, audio, ipv4)
}

// readPayloads prefers an rtpmap to the static meaning of a number, as RFC 8866 section 6.6 does.
func (d *description) readPayloads(audio *sdp.MediaDescription) {
	meaning := map[uint8]payload{
		staticPCMA: offered(usualEvent)[0],
		staticPCMU: offered(usualEvent)[1],
	}
	for _, a := range audio.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		if p, ok := mapped(a.Value); ok {
			meaning[p.number] = p
		}
	}
	for _, text := range audio.MediaName.Formats {
		number, ok := payloadNumber(text)
		if !ok {
			continue
		}
		d.numbers = append(d.numbers, number)
		if p := meaning[number]; p.format != 0 {
			d.payloads = append(d.payloads, p)
		}
	}
}

// readDirection lets the stream's attribute go before the session's.
func readDirection(session, audio []sdp.Attribute) direction {
	for _, attributes := range [][]sdp.Attribute{audio, session} {
		for _, a := range attributes {
			if d, ok := parseDirection(a.Key); ok {
				return d
			}
		}
	}
	return bothWays
}
