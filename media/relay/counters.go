package relay

import "time"

// Traffic counts datagrams and the bytes of their UDP payload.
type Traffic struct {
	Packets uint64
	Bytes   uint64
}

func (t *Traffic) add(bytes int) {
	t.Packets++
	t.Bytes += uint64(bytes)
}

// Counters is what one end of a circuit saw. It is a comparable value.
type Counters struct {
	Tally
	Heard Quality // of what we receive from the peer
	Told  Quality // of what the peer receives from us, by its reports
}

// Tally is what is counted of one end's datagrams.
type Tally struct {
	In           Traffic       // RTP from the peer that passed all checks and was sent on
	Out          Traffic       // RTP sent to the peer, prompts and digits of ours included
	Dropped      [drops]uint64 // RTP received on this end and not passed on, by Drop
	Sources      uint64        // how many SSRCs the peer used, one after another
	Digits       uint64        // keys that the peer pressed, swallowed ones included
	DigitsUntold uint64        // of them, not told because they came faster than anybody presses
	Quiet        uint64        // packets of G.711 from the peer that hold no sound at all
	ReportsIn    uint64        // RTCP datagrams of the peer that could be read
	ReportsBad   uint64        // RTCP datagrams of the peer that could not, or are forged
	ReportsOut   uint64        // RTCP datagrams sent to the peer
	RTCPDropped  uint64        // RTCP datagrams from strangers, too many, or while nothing may pass
}

// Drops gives the number of packets dropped for one reason.
func (c Tally) Drops(reason Drop) uint64 {
	if int(reason) >= len(c.Dropped) {
		return 0
	}
	return c.Dropped[reason]
}

// Quality is how well one direction of a leg travels.
type Quality struct {
	Expected   uint64        // packets that the sequence numbers say were sent
	Lost       uint64        // of them, never received
	Reordered  uint64        // overtaken on the way by a later one
	Duplicated uint64        // received more than once
	Late       uint64        // so late that no player waits for them any more
	Jitter     time.Duration // of interarrival (RFC 3550 section 6.4.1), now
	MaxJitter  time.Duration // the most there was
	RoundTrip  time.Duration // between us and the peer, from its last report; 0: not known
	Codec      Format        // the audio that it was
}

// Usage tells how many port pairs are in which state.
type Usage struct {
	Free    int // may be reserved
	Resting int // released, or found in use by somebody else, less than the rest time ago
	Used    int // reserved
}
