package relay

import "time"

// A packet of ours has from minFrame to maxFrame of sound.
const (
	minFrame = 10 * time.Millisecond
	maxFrame = 60 * time.Millisecond
)

// clockOf is a format's clock rate as timestamps count.
func clockOf(f Format) uint32 { return uint32(f.Clock()) }

// carries tells as what a format is sent to the end: as itself, or in the other law of G.711.
func (e *End) carries(format Format) (sent Format, ok bool) {
	other := Format(0)
	switch format {
	case PCMA:
		other = PCMU
	case PCMU:
		other = PCMA
	}
	switch {
	case e.Accepts.Has(format):
		return format, true
	case e.Accepts.Has(other):
		return other, true
	default:
		return 0, false
	}
}

// event is the format in which digits are sent to the end: by the clock of its audio where it
// has that (RFC 4733 section 2.1), else by any; zero where it takes none.
func (e *End) event() (sent Format) {
	for f := TelephoneEvent; f <= TelephoneEventFull; f++ {
		if e.Accepts.Has(f) && (sent == 0 || clockOf(f) == e.clock()) {
			sent = f
		}
	}
	return sent
}

// clock is that of the end's audio.
func (e *End) clock() uint32 {
	if e.Audio == 0 {
		return usualClock
	}
	return clockOf(e.Audio)
}

// frame is how much sound a packet that we make has.
func (e *End) frame() time.Duration {
	if e.PTime <= 0 {
		return usualFrame
	}
	return max(minFrame, min(e.PTime, maxFrame))
}
