package relay

import "net/netip"

// Source is what we are on one leg as an RTP synchronization source (RFC 3550 section 5.1).
// All of it is drawn at random, so that nothing of one leg is a function of the other.
type Source struct {
	SSRC      uint32
	Sequence  uint16 // of the first packet
	Timestamp uint32 // of the first packet
	CNAME     string // short-term persistent, RFC 7022 section 4.2
}

// Circuit names the ports that were reserved for one call: an RTP port for each of its two
// ends, each with RTCP on the port above.
type Circuit struct {
	ID    uint64
	Ports [2]uint16
}

// Flow says how packets pass between the two ends of a circuit.
type Flow struct {
	Ends [2]End
}

// End is what the SDP of one leg settled: who its peer is and what may pass to and from it.
type End struct {
	// Who.
	RTP  netip.AddrPort // the peer; the only source heard, the only address sent to; invalid: nobody
	RTCP netip.AddrPort // likewise for reports

	// From the peer.
	Speaks bool        // what the peer sends may pass
	Takes  [128]Format // what each payload type that the peer sends means; zero: not negotiated

	// To the peer.
	Listens bool           // the peer wants packets
	Audio   Format         // the audio that it is sent
	Types   [formats]uint8 // the payload type of each format that it is sent
	Events  bool           // it can be sent TelephoneEvent
}
