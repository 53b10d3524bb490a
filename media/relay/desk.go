package relay

import "github.com/pion/rtp"

// desk is what it takes to deal with one datagram. Circuits that take turns share one: nothing on it
// outlasts a turn.
type desk struct {
	packet  rtp.Packet // parsed into again and again
	reports compound   // likewise
	pending pending
}
