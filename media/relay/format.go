package relay

// Format is a kind of RTP payload that may pass.
type Format uint8

// The formats of RFC 3551 and RFC 4733 that are carried. The zero value is no format.
const (
	PCMA           Format = iota + 1 // G.711 A-law, 8 kHz
	PCMU                             // G.711 mu-law, 8 kHz
	TelephoneEvent                   // DTMF, 8 kHz clock

	formats = iota + 1 // how many values there are, the zero value included
)

// String gives the format's encoding name as it stands in SDP.
func (f Format) String() string {
	switch f {
	case PCMA:
		return "PCMA"
	case PCMU:
		return "PCMU"
	case TelephoneEvent:
		return "telephone-event"
	default:
		return "none"
	}
}

// Audio tells whether the format carries sound.
func (f Format) Audio() bool { return f == PCMA || f == PCMU }
