package relay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp"
)

// way is by which payload type, clock and source a phone tells of a key.
type way struct {
	number      uint8
	clock, ssrc uint32
}

// A key that is held while its packets come to be by another clock, or of another source, is as long as it was held:
// be it that the phone goes on counting from where the key was pressed, or begins anew with it. The other peer sees one
// event, that grows until it is let go, or as long as one can be.
func TestAKeyIsAsLongAsItWasHeldWhateverClockItCameBy(t *testing.T) {
	const short, long = 200 * time.Millisecond, 1500 * time.Millisecond // longer than a segment by the fastest clock
	narrow, wide, full := way{101, 8000, 1}, way{102, 16000, 1}, way{103, 48000, 1}
	for name, c := range map[string]struct {
		each time.Duration
		ways []way
	}{
		"one":                          {short, []way{narrow, narrow, narrow}},
		"a faster one":                 {short, []way{narrow, full, full}},
		"a slower one":                 {short, []way{full, narrow, narrow}},
		"there and back":               {short, []way{narrow, full, narrow}},
		"three":                        {short, []way{wide, full, narrow}},
		"another source":               {short, []way{narrow, {101, 8000, 2}, {101, 8000, 2}}},
		"another, both of it":          {short, []way{narrow, {103, 48000, 2}, {101, 8000, 3}}},
		"the other's, at last":         {short, []way{full, full, narrow}},
		"one, in segments":             {long, []way{full, full}},
		"a slower one, after segments": {long, []way{full, narrow}},
		"two, one after the other":     {long, []way{full, wide, narrow}},
		"a faster one, in segments":    {long, []way{narrow, full}},
		"two faster ones":              {4 * time.Second, []way{narrow, wide, full}},
		"to and fro, in segments":      {long, []way{narrow, full, wide, full}},
		"another source, in segments":  {long, []way{full, {103, 48000, 2}}},
		"a faster one, at last":        {20 * time.Millisecond, append(slices.Repeat([]way{narrow}, 100), full)},
	} {
		for _, to := range []Format{TelephoneEvent, TelephoneEventFull} {
			for _, anew := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, sent as %d Hz, anew %t", name, to.Clock(), anew), func(t *testing.T) {
					hold(t, c.each, c.ways, to, anew)
				})
			}
		}
	}
}

// hold has A's key held for so long in each of the ways.
func hold(t *testing.T, each time.Duration, ways []way, to Format, anew bool) {
	const frame = 20 * time.Millisecond
	l := newScene(t, hearingEvents(to))
	var heard []rtp.Packet
	length, from := each*time.Duration(len(ways)), time.Duration(0)
	say := func(w way, at time.Duration) {
		lasted := samples(at-from, w.clock)
		before := lasted / segment * segment
		payload := event(5, at == length, 0, uint16(lasted-before))
		p, drop := l.sayBy(w, uint16(l.now.Sub(start)/frame), samples(from, w.clock)+77+before, payload)
		if drop != 0 {
			t.Fatalf("at %s: %s", at, drop)
		}
		heard = append(heard, p)
		l.wait(frame)
	}
	for part, w := range ways {
		begun := each * time.Duration(part)
		if anew && part > 0 && ways[part-1] != w {
			from = begun
		}
		for at := begun + frame; at <= begun+each; at += frame {
			say(w, at)
		}
	}
	for copies := range endCopies - 1 {
		say(ways[copies], length) // it is over, whichever way that is said again
	}
	l.oneEvent(heard, length, uint32(to.Clock()))
	if diff := cmp.Diff([]Event{{Kind: DigitHeard, Digit: 5, Duration: length}}, l.events()); diff != "" {
		t.Errorf("told (-want +got)\n%s", diff)
	}
}

// hearingEvents is an exchange in which A sends events by each clock, and B is sent them by one.
func hearingEvents(to Format) *exchange {
	x := talking(PCMA)
	flow := x.flow
	for number, format := range map[uint8]Format{101: TelephoneEvent, 102: TelephoneEventWide, 103: TelephoneEventFull} {
		flow.Ends[0].Takes.Set(number, format)
	}
	flow.Ends[1].Accepts, flow.Ends[1].Types[to] = Formats(0).With(PCMA).With(to), 96
	x.install(flow, start)
	return x
}

// sayBy is say in one of the ways.
func (l *scene) sayBy(w way, sequence uint16, timestamp uint32, payload []byte) (p rtp.Packet, drop Drop) {
	l.t.Helper()
	out := make([]byte, maxDatagram+cryptOverhead)
	n, drop := l.x.pass(0, peerA, packet(l.t, w.number, sequence, timestamp, w.ssrc, string(payload)), out, l.now)
	if drop == 0 {
		p = l.read(out[:n])
	}
	return p, drop
}

// oneEvent fails unless packets are those of one event of a length by a clock.
func (l *scene) oneEvent(packets []rtp.Packet, length time.Duration, clock uint32) {
	l.t.Helper()
	last := uint16(0)
	for i, p := range packets {
		e, _ := parseEvent(p.Payload)
		if e.duration < last || p.Timestamp != packets[0].Timestamp {
			l.t.Errorf("packet %d: %d long at %d, after %d at %d", i, e.duration, p.Timestamp, last, packets[0].Timestamp)
		}
		last = e.duration
	}
	if want := uint16(min(segment, samples(length, clock))); last != want {
		l.t.Errorf("it was %d long, want %d", last, want)
	}
}
