package relay

// Format is a kind of RTP payload that may pass. What is sent as one format arrives as the same,
// but for the two laws of G.711, which are turned into each other.
type Format uint8

// The formats that are carried. The zero value is no format.
const (
	PCMA               Format = iota + 1 // G.711 A-law (RFC 3551)
	PCMU                                 // G.711 mu-law (RFC 3551)
	G722                                 // G.722 (RFC 3551)
	Opus                                 // Opus (RFC 7587)
	G729                                 // G.729 (RFC 3551)
	AMR                                  // AMR (RFC 4867)
	AMRWB                                // AMR-WB (RFC 4867)
	L16                                  // 16 bit samples at 8 kHz (RFC 3551)
	L16Wide                              // the same at 16 kHz
	ComfortNoise                         // comfort noise at 8 kHz (RFC 3389)
	TelephoneEvent                       // DTMF (RFC 4733) by the clock of 8 kHz audio
	TelephoneEventWide                   // DTMF by the clock of 16 kHz audio
	TelephoneEventFull                   // DTMF by the clock of 48 kHz audio

	formats = iota + 1 // how many values there are, the zero value included
)

// String gives the format's encoding name as it stands in SDP.
func (f Format) String() string {
	switch f {
	case PCMA:
		return "PCMA"
	case PCMU:
		return "PCMU"
	case G722:
		return "G722"
	case Opus:
		return "opus"
	case G729:
		return "G729"
	case AMR:
		return "AMR"
	case AMRWB:
		return "AMR-WB"
	case L16, L16Wide:
		return "L16"
	case ComfortNoise:
		return "CN"
	case TelephoneEvent, TelephoneEventWide, TelephoneEventFull:
		return "telephone-event"
	default:
		return "none"
	}
}

// Clock is the rate of the format's RTP timestamps in Hz; 0 for no format.
func (f Format) Clock() int {
	switch f {
	case Opus, TelephoneEventFull:
		return 48000
	case AMRWB, L16Wide, TelephoneEventWide:
		return 16000
	case 0:
		return 0
	default:
		return 8000 // G722 too, for a historical mistake: RFC 3551 section 4.5.2
	}
}

// Audio tells whether the format carries speech.
func (f Format) Audio() bool { return f >= PCMA && f <= L16Wide }

// Event tells whether the format carries DTMF.
func (f Format) Event() bool { return f >= TelephoneEvent && f <= TelephoneEventFull }

// G711 tells whether the format is one of the two laws, which prompts can be played in.
func (f Format) G711() bool { return f == PCMA || f == PCMU }

// Formats is a set of formats.
type Formats uint16

// With gives the set with one more format.
func (s Formats) With(f Format) Formats { return s | 1<<f }

// Has tells whether a format is in the set. The zero format never is.
func (s Formats) Has(f Format) bool { return f != 0 && s&(1<<f) != 0 }
