package media

import "strings"

// transport is the protocol of an m= line.
type transport struct {
	secure   bool // SRTP
	feedback bool // RFC 4585: taken without its feedback messages, which are all optional
}

// parseTransport knows the protocols that we speak, in upper or lower case. SRTP with keys from
// DTLS is none of them.
func parseTransport(protocol string) (t transport, ok bool) {
	switch strings.ToUpper(protocol) {
	case "RTP/AVP":
		return transport{}, true
	case "RTP/AVPF":
		return transport{feedback: true}, true
	case "RTP/SAVP":
		return transport{secure: true}, true
	case "RTP/SAVPF":
		return transport{secure: true, feedback: true}, true
	default:
		return transport{}, false
	}
}

// String is the protocol as an m= line has it.
func (t transport) String() string {
	switch {
	case t.secure && t.feedback:
		return "RTP/SAVPF"
	case t.secure:
		return "RTP/SAVP"
	case t.feedback:
		return "RTP/AVPF"
	default:
		return "RTP/AVP"
	}
}
