package relay

import (
	"encoding/binary"
	"time"
)

const (
	// eventSize of the payload of one event (RFC 4733 section 2.3), in bytes.
	eventSize = 4
	// segment is the longest duration one packet can tell; a longer event goes on in another
	// segment (RFC 4733 section 2.5.1.3).
	segment = 0xFFFF
	// volume of every digit that we send, -10 dBm0, as a dialling telephone's: what the peer's
	// was tells of its make.
	volume = 10
	// heldOn is for how long a key counts as held after the last packet that said so: two packets
	// may be lost.
	heldOn = 60 * time.Millisecond
	// forgotten is how long after it a digit whose end was lost is told.
	forgotten = 200 * time.Millisecond
	// straggling is for how long packets of the digit before may come.
	straggling = time.Second
)

// telephoneEvent is the payload of RFC 4733. Of several in a packet only the first is read: the
// others repeat what was sent before.
type telephoneEvent struct {
	digit    Digit
	end      bool
	duration uint16 // in units of the RTP clock
}

func parseEvent(payload []byte) (e telephoneEvent, ok bool) {
	if len(payload) < eventSize {
		return telephoneEvent{}, false
	}
	return telephoneEvent{
		digit:    Digit(payload[0]),
		end:      payload[1]&0x80 != 0,
		duration: binary.BigEndian.Uint16(payload[2:]),
	}, true
}

func (e telephoneEvent) write(to []byte) int {
	to[0], to[1] = byte(e.digit), volume
	if e.end {
		to[1] |= 0x80
	}
	binary.BigEndian.PutUint16(to[2:], e.duration)
	return eventSize
}

// keypad follows the digits that one peer presses.
type keypad struct {
	// The digit heard last.
	pressed  bool // there is one
	told     bool // its end was heard
	secret   bool // it is swallowed, and stays so to its last copy
	withheld bool // it is not passed on
	anew     bool // its source counts anew since
	doubled  bool // it was told of by signalling too
	digit    Digit
	begun    moment        // its segment
	duration uint16        // of the segment
	before   time.Duration // of the segments before
	heardAt  time.Time

	// Where it stands in our stream to the other end.
	placed    bool
	segment   uint32 // by its timestamp
	timestamp uint32
	ahead     time.Duration // of the digit, before that
}

// moment is a time by the clock of a source.
type moment struct {
	ssrc, clock uint32
	timestamp   uint32
}

// keystroke is a digit that was pressed and let go.
type keystroke struct {
	digit     Digit
	duration  time.Duration
	swallowed bool // it began, or went on, while digits were swallowed
	withheld  bool // it was not passed on
}

// progress is what a packet of an event is to those before it.
type progress struct {
	late bool         // it is of a digit before
	done [2]keystroke // digits that are over now: one whose end was lost, and this one
	n    int          // how many of them
}

func (p *progress) add(k keystroke) {
	p.done[p.n] = k
	p.n++
}

// hear takes a packet of an event, and whether it is to be swallowed, or withheld if the digit begins
// with it. The three copies of an end are one keystroke.
func (k *keypad) hear(e telephoneEvent, begun moment, swallow, withhold bool, now time.Time) (p progress) {
	known := k.knows(begun)
	switch after := begun.timestamp - k.begun.timestamp; {
	case known && after == 0:
		k.duration = max(k.duration, e.duration)
	case known && int32(after) < 0 && now.Sub(k.heardAt) < straggling:
		return progress{late: true}
	case known && after == segment && k.digit == e.digit && !k.told:
		k.before += span(segment, begun.clock)
		k.begun, k.duration = begun, e.duration
	case !known && k.isHeld(e, now):
		k.move(e, begun, now.Sub(k.heardAt))
	default:
		if k.pressed && !k.told {
			p.add(k.keystroke())
		}
		*k = keypad{pressed: true, digit: e.digit, begun: begun, duration: e.duration, withheld: withhold}
	}
	k.heardAt, k.secret = now, k.secret || swallow
	if e.end && !k.told {
		k.told = true
		p.add(k.keystroke())
	}
	return p
}

// isStar tells whether the digit heard last is a star.
func (k *keypad) isStar() bool { return k.pressed && k.digit == Star }

// knows tells whether a time is by the clock of the digit heard last.
func (k *keypad) knows(m moment) bool {
	return k.pressed && !k.anew && k.begun.ssrc == m.ssrc && k.begun.clock == m.clock
}

// isHeld tells whether the digit heard last goes on by another clock, or is at its end again.
func (k *keypad) isHeld(e telephoneEvent, now time.Time) bool {
	since := now.Sub(k.heardAt)
	return k.pressed && k.digit == e.digit && (!k.told && since < forgotten || e.end && since < heldOn)
}

// move has the digit go on by another clock, or be at its end again. Its source goes on counting there, or begins anew,
// but a digit never is shorter than it was. In our stream it stays where it is. It was heard so long ago.
func (k *keypad) move(e telephoneEvent, begun moment, ago time.Duration) {
	was, is := span(uint32(k.duration), k.begun.clock), span(uint32(e.duration), begun.clock)
	switch {
	case k.told:
		k.before += was - is // it is over, and as long as it was
	case begun == k.begun:
		e.duration = max(k.duration, e.duration)
	case is >= k.before+was:
		k.before = 0 // it counts from where the key was pressed, in one segment
	case k.isSegmented(is, begun.clock, ago):
		k.before = max(segmented(k.before+was+ago-is, begun.clock), k.before+was-is)
	case is < was:
		k.before += was
	}
	k.anew, k.begun, k.duration = false, begun, e.duration
	if k.placed {
		k.segment = begun.timestamp
	}
}

// isSegmented tells whether a digit that was heard so long ago, and is so long by another clock, goes on there from
// where the key was pressed, behind segments that would have been over by that clock: as long as it should be now, rather
// than if it began anew.
func (k *keypad) isSegmented(is time.Duration, clock uint32, ago time.Duration) bool {
	should := k.before + span(uint32(k.duration), k.begun.clock) + ago
	before := segmented(should-is, clock)
	return before > 0 && (before+is-should).Abs() < (is-ago).Abs()
}

// segmented is the nearest to a time that takes whole segments by a clock.
func segmented(d time.Duration, clock uint32) time.Duration {
	return d.Round(span(segment, clock))
}

// hidden tells whether nobody else is to hear the digit.
func (k *keypad) hidden() bool { return k.secret || k.withheld }

// passed tells, once, whether a digit is the one heard last, and was passed on a moment ago.
func (k *keypad) passed(digit Digit, now time.Time) bool {
	is := k.pressed && k.digit == digit && k.placed && !k.doubled && now.Sub(k.heardAt) < forgotten
	k.doubled = k.doubled || is
	return is
}

// by gives the event heard last by a clock. Where it does not stand in our stream as it came, it is one segment there,
// however many it was.
func (k *keypad) by(clock uint32, e telephoneEvent) telephoneEvent {
	if k.before != k.ahead || clock != k.begun.clock {
		e.duration = uint16(min(segment, samples(k.keystroke().duration-k.ahead, clock)))
	}
	return e
}

// place notes where the digit stands in our stream from its present segment on.
func (k *keypad) place(timestamp uint32) {
	k.placed, k.segment, k.timestamp, k.ahead = true, k.begun.timestamp, timestamp, k.before
}

// lapse tells a digit whose end never came.
func (k *keypad) lapse(now time.Time) (stroke keystroke, ok bool) {
	if !k.pressed || k.told || now.Sub(k.heardAt) < forgotten {
		return keystroke{}, false
	}
	k.told = true
	return k.keystroke(), true
}

func (k *keypad) keystroke() keystroke {
	return keystroke{digit: k.digit, duration: k.before + span(uint32(k.duration), k.begun.clock), swallowed: k.secret, withheld: k.withheld}
}

// covers tells whether a digit sounds at any time of an audio packet of so many samples.
func (k *keypad) covers(at moment, samples uint32) bool {
	if !k.knows(at) {
		return k.pressed && !k.told
	}
	length := uint32(k.duration)
	if !k.told {
		length += uint32(heldOn.Milliseconds()) * at.clock / 1000
	}
	after := at.timestamp - k.begun.timestamp
	return int32(after+samples) > 0 && int32(after-length) < 0
}
