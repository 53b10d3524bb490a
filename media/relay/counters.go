package relay

// Traffic counts datagrams and the bytes of their UDP payload.
type Traffic struct {
	Packets uint64
	Bytes   uint64
}

func (t *Traffic) add(bytes int) {
	t.Packets++
	t.Bytes += uint64(bytes)
}

// Counters is what one end of a circuit saw.
type Counters struct {
	In          Traffic       // RTP from the peer that passed all checks
	Out         Traffic       // RTP sent to the peer
	Dropped     [drops]uint64 // RTP received on this end and not passed on, by Drop
	Sources     uint64        // how many SSRCs the peer used, one after another
	ReportsIn   uint64        // RTCP datagrams of the peer that could be read
	ReportsBad  uint64        // RTCP datagrams of the peer that could not
	ReportsOut  uint64        // RTCP datagrams sent to the peer
	RTCPDropped uint64        // RTCP datagrams from strangers, or while nothing may pass
}

// Drops gives the number of packets dropped for one reason.
func (c Counters) Drops(reason Drop) uint64 {
	if int(reason) >= len(c.Dropped) {
		return 0
	}
	return c.Dropped[reason]
}

// Usage tells how many port pairs are in which state.
type Usage struct {
	Free    int // may be reserved
	Resting int // released, or found in use by somebody else, less than the rest time ago
	Used    int // reserved
}
