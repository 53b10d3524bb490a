package media

import "time"

// Options is how a session treats its two legs.
type Options struct {
	A, B LegOptions

	// FamilyA and FamilyB are the versions of IP that the peers speak. Where we have no address of one, or
	// don't know it (zero), the leg is on the first of Config.Listen.
	FamilyA, FamilyB Family

	// Events is told what is noticed on the legs. It must not wait, and must be ready to be told
	// of what has happened just before Close; nil: nobody wants to know.
	Events func(Event)
}

// LegOptions is how one leg is negotiated, as the trunk that it is on has it. The zero value is
// plain RTP with G.711 and events.
type LegOptions struct {
	// Codecs in our order of preference; none: PCMA, PCMU, TelephoneEvent.
	Codecs []Codec
	SRTP   SRTP          // zero: SRTPOff
	NAT    bool          // the peer's packets may come from another port of its IP address
	Mux    bool          // our offers ask for RTCP on the port of RTP; whoever asks us gets it in any case
	PTime  time.Duration // of packets that we ask the peer for, 10-60 ms; 0: 20 ms
}

func (o LegOptions) codecs() []Codec {
	if len(o.Codecs) == 0 {
		return telephone()
	}
	return o.Codecs
}

// plain is the options with G.711 and events only, and without encryption; false if that is what
// they are, if there is no G.711 among them, or if sound must be encrypted.
func (o LegOptions) plain() (LegOptions, bool) {
	var codecs []Codec
	speaks := false
	for _, codec := range o.codecs() {
		if codec.G711() || codec == TelephoneEvent {
			codecs = append(codecs, codec)
			speaks = speaks || codec.G711()
		}
	}
	same := len(codecs) == len(o.codecs()) && !o.SRTP.allows(true) && !o.Mux
	if !speaks || same || o.SRTP == SRTPRequired {
		return o, false
	}
	o.Codecs, o.SRTP, o.Mux = codecs, SRTPOff, false
	return o, true
}

func (o LegOptions) ptime() time.Duration {
	if valid := packetTime(o.PTime); valid != 0 {
		return valid
	}
	return usualPTime
}

const usualPTime = 20 * time.Millisecond // RFC 3551 section 4.2

// packetTime is one of the six that we know, 10-60 ms, or 0. A peer's odd one never gets any further.
func packetTime(t time.Duration) time.Duration {
	const frame, longest = 10 * time.Millisecond, 60 * time.Millisecond
	if t < frame || t > longest || t%frame != 0 {
		return 0
	}
	return t
}

// SRTP is a leg's policy on encryption by SDES (RFC 4568).
type SRTP uint8

// The policies.
const (
	SRTPOff      SRTP = iota + 1 // plain RTP only
	SRTPOptional                 // offered and accepted over RTP/AVP too (RFC 8643), and plain RTP as well
	SRTPRequired                 // no sound without
)

// String gives the policy as ParseSRTP reads it.
func (s SRTP) String() string {
	switch s {
	case SRTPOptional:
		return "optional"
	case SRTPRequired:
		return "required"
	default:
		return "off"
	}
}

// ParseSRTP reads off, optional or required.
func ParseSRTP(name string) (policy SRTP, ok bool) {
	for policy = SRTPOff; policy <= SRTPRequired; policy++ {
		if policy.String() == name {
			return policy, true
		}
	}
	return 0, false
}

// allows tells whether a stream may be used, encrypted or not.
func (s SRTP) allows(encrypted bool) bool {
	if encrypted {
		return s == SRTPOptional || s == SRTPRequired
	}
	return s != SRTPRequired
}
