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

// words are the protocol's, as pion/sdp wants them.
func (t transport) words() []string {
	profile := "AVP"
	if t.secure {
		profile = "S" + profile
	}
	if t.feedback {
		profile += "F"
	}
	return []string{"RTP", profile}
}
