package relay

import (
	"net/netip"
	"time"
)

// Source is what we are on one leg as an RTP synchronization source (RFC 3550 section 5.1).
// All of it is drawn at random, so that nothing of one leg is a function of the other.
type Source struct {
	SSRC      uint32
	Sequence  uint16 // of the first packet
	Timestamp uint32 // of the first packet
	CNAME     string // short-term persistent, RFC 7022 section 4.2; at most 255 bytes

	wallclock wallclock // of our sender reports; drawn by the mover
}

// Circuit names the ports that were reserved for one call: an RTP port for each of its two
// ends, each with RTCP on the port above.
type Circuit struct {
	ID    uint64
	Ports [2]uint16
}

// Flow says how packets pass between the two ends of a circuit. An end of zero value is nobody
// yet: nothing passes, but prompts and digits can be sent to the other one.
//
// It is a comparable value. What is equal in a flow and the one before it goes on undisturbed.
type Flow struct {
	Ends [2]End
}

// End is what the SDP of one leg settled: who its peer is and what may pass to and from it.
type End struct {
	// Who.
	RTP  netip.AddrPort // the peer; the only source heard, the only address sent to; invalid: nobody
	RTCP netip.AddrPort // likewise for reports; with Mux the same as RTP
	NAT  bool           // it may turn out to be at another port of the same IP address
	Mux  bool           // RTP and RTCP share the RTP port (RFC 5761)

	// From the peer.
	Speaks  bool     // what the peer sends may pass
	Takes   Meanings // of the payload types that the peer sends
	Swallow bool     // digits that the peer sends are told as events and heard by nobody; G.711 is silent

	// Withholds are digits that the peer sends which are told and not passed on: who is told may send
	// them on. If the star is among them so is the digit behind one, whichever it is.
	Withholds Keys

	// To the peer.
	Listens bool           // the peer wants packets
	Accepts Formats        // what it can be sent
	Types   [formats]uint8 // the payload type of each format of Accepts
	Audio   Format         // the format of Accepts that its audio usually is: sets our clock, prompts are in it
	PTime   time.Duration  // of the packets that we make for it, 10-60 ms; 0: 20 ms

	// Both ways.
	Aligned bool  // payloads of AMR and AMR-WB are octet-aligned (RFC 4867 section 4.4)
	Crypt   Crypt // of zero value: plain RTP
}
