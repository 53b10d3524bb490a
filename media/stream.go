package media

import (
	"fmt"
	"strconv"
	"strings"
)

// stream is an m= line: what is answered with port 0 where it is not for us.
type stream struct {
	media, proto, format string
	port                 uint16
	transport            transport // of a protocol that we speak
	rtp                  bool      // it is one
	crypto               []crypto  // what can be encrypted with
	keyed                bool      // it has crypto attributes, be it that we can use none
}

// readStream reads an m= line, whatever medium it is for, and its crypto attributes.
func readStream(s section) (stream, error) {
	var fields [beforeFormats + 1]string                              // the first format is enough
	if words(strings.Clone(s[0].value), fields[:]) <= beforeFormats { // or they would keep all of the body
		return stream{}, fmt.Errorf("read media line: %w", ErrMalformed)
	}
	number, _, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return stream{}, fmt.Errorf("read media port: %w", ErrMalformed)
	}
	read := stream{media: fields[0], proto: fields[2], format: fields[3], port: uint16(port)}
	read.transport, read.rtp = parseTransport(read.proto)
	for _, l := range s[1:] {
		value, ok := strings.CutPrefix(l.value, "crypto:")
		if l.kind != 'a' || !ok {
			continue
		}
		read.keyed = true
		if c, ok := readCrypto(value); ok {
			read.crypto = append(read.crypto, c)
		}
	}
	return read, nil
}

// live tells whether it is live audio over a protocol that we speak.
func (s stream) live() bool { return s.media == "audio" && s.rtp && s.port != 0 }

// refusal is why a live stream can't be used: for a leg without SRTP an encrypted one is none
// of ours, and with it the encryption is what is wrong.
func (s stream) refusal(policy SRTP) error {
	if policy.allows(true) {
		return ErrCrypto
	}
	return ErrNotAudio
}
