package media

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"maskd/media/relay"
)

// description is what a peer's SDP says, as far as it concerns us.
type description struct {
	streams   []stream // every m= line, in order
	audio     int      // the index of the one that is ours
	rtp       netip.AddrPort
	rtcp      netip.AddrPort
	mux       bool      // RTCP may come to the port of RTP (RFC 5761)
	crypto    []crypto  // what it can encrypt with, under a policy that allows it
	numbers   numberSet // every payload type number of our stream
	payloads  []payload // those among them that we carry, in the peer's order
	ptime     time.Duration
	direction Direction
}

// terms are what a leg takes of a peer.
type terms struct {
	reach  reach
	codecs []Codec
	srtp   SRTP
	mux    bool // it may put RTCP on the port of RTP

	// offered is what our numbers mean that an answer uses without an rtpmap, as some do.
	offered []payload
}

// read reads a peer's SDP.
// Errors: ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress.
func (t terms) read(body []byte) (description, error) {
	session, streams, err := split(make(section, 0, usualLines), body)
	if err != nil {
		return description{}, err
	}
	d := description{audio: -1}
	for rest := streams; len(rest) > 0; {
		var of section
		of, rest = rest.next()
		s, err := readStream(of)
		if err != nil {
			return description{}, err
		}
		d.streams = append(d.streams, s)
	}
	refused := d.choose(t.srtp)
	// Whether it is SDP at all is asked first: a body that is none is a 400, not a 488.
	var audio section
	for range d.audio + 1 {
		audio, streams = streams.next()
	}
	at, err := connectionOf(session, audio)
	switch {
	case err != nil:
		return description{}, err
	case refused != nil:
		return description{}, refused
	}
	if err := d.readAudio(session, audio, at, t); err != nil {
		return description{}, err
	}
	return d, nil
}

// choose takes the first live audio stream that can be encrypted, where the policy allows that,
// else the first that need not be.
func (d *description) choose(policy SRTP) error {
	err := ErrNotAudio
	for _, encrypted := range [2]bool{true, false} {
		for i, s := range d.streams {
			switch {
			case !s.live():
			case !policy.allows(encrypted) || encrypted && len(s.crypto) == 0 || !encrypted && s.transport.secure:
				err = s.refusal(policy)
			default:
				d.audio = i
				if encrypted {
					d.crypto = s.crypto
				}
				return nil
			}
		}
	}
	return err
}

func (d *description) readAudio(session, audio section, at connection, t terms) error {
	if d.readPayloads(audio, t); !d.speaks() {
		return ErrNoCodec
	}
	_, mux := audio.attribute("rtcp-mux")
	d.mux = mux && t.mux
	if text, ok := audio.attribute("ptime"); ok {
		n, _ := strconv.ParseUint(strings.TrimSpace(text), 10, 8)
		d.ptime = packetTime(time.Duration(n) * time.Millisecond)
	}
	d.direction = readDirection(session, audio)
	return d.readAddresses(audio, at, t.reach)
}

func (d *description) speaks() bool {
	return slices.ContainsFunc(d.payloads, func(p payload) bool { return p.format.Audio() })
}

// beforeFormats are the words of an m= line that name the medium, the port and the protocol.
const beforeFormats = 3

// readPayloads keeps those of our codecs.
func (d *description) readPayloads(audio section, t terms) {
	meaning := formatsOf(audio, t.offered)
	parameters := parametersOf(audio)
	d.payloads = make([]payload, 0, len(t.codecs))
	place := 0
	for text := range strings.FieldsSeq(audio[0].value) {
		if place++; place <= beforeFormats {
			continue
		}
		number, ok := payloadNumber(text)
		if !ok {
			continue
		}
		d.numbers.add(number)
		format := meaning[number]
		if !listed(t.codecs, format) {
			continue
		}
		if v, ok := readVariant(format, parameters[number]); ok {
			d.payloads = append(d.payloads, payload{choice{format, v}, number})
		}
	}
}

// formatsOf prefers an rtpmap to the static meaning of a number, as RFC 8866 section 6.6 does.
func formatsOf(audio section, offered []payload) (meaning [lastNumber + 1]relay.Format) {
	for number := range meaning {
		meaning[number] = static(uint8(number))
	}
	for _, p := range offered {
		meaning[p.number] = p.format
	}
	for _, l := range audio {
		name, value := l.attribute()
		if name != "rtpmap" {
			continue
		}
		if number, format, ok := mapped(value); ok {
			meaning[number] = format
		}
	}
	return meaning
}

func parametersOf(audio section) (parameters [lastNumber + 1]string) {
	for _, l := range audio {
		name, value := l.attribute()
		if name != "fmtp" {
			continue
		}
		text, value, _ := strings.Cut(value, " ")
		if number, ok := payloadNumber(text); ok {
			parameters[number] = value
		}
	}
	return parameters
}

// listed tells whether a format is one of the codecs; an event is at any clock.
func listed(codecs []Codec, format relay.Format) bool {
	for _, c := range codecs {
		if c == format || c == TelephoneEvent && format.Event() {
			return true
		}
	}
	return false
}

// readDirection lets the stream's attribute go before the session's.
func readDirection(session, audio section) Direction {
	for _, lines := range [2]section{audio, session} {
		for _, l := range lines {
			name, _ := l.attribute()
			if d, ok := parseDirection(name); ok {
				return d
			}
		}
	}
	return bothWays
}
