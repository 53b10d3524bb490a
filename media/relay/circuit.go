package relay

import (
	"net/netip"
	"time"
)

// maxDatagram is the largest one that is taken: no packet of sound comes near an Ethernet frame.
const maxDatagram = 1500

// largestSent is the largest one that can become of it.
const largestSent = maxDatagram + cryptOverhead

// circuit is a reserved circuit with its sockets: what its exchange decides, it sends. It has no
// lock and no goroutine, because its carrier lets one at a time have its turn. It serves one call after
// another, and is blank in between.
type circuit struct {
	id        uint64
	pairs     [2]pair
	exchange  exchange
	timetable timetable
	standing  standing // on the carrier's agenda, if it keeps one
	notices   *notices
	final     bool // cut: no flow opens it again
}

// begin makes of a blank circuit one that is idle until its carrier gives it a desk.
func (c *circuit) begin(id uint64, sources [2]Source, pairs [2]pair, timetable timetable, notices *notices) {
	c.id, c.pairs, c.timetable, c.notices = id, pairs, timetable, notices
	c.exchange.begin(sources)
}

// hear takes a datagram that arrived at the RTP port of an end. The buffer is for what is made of
// it, and largestSent long.
func (c *circuit) hear(end int, source netip.AddrPort, in, out []byte, now time.Time) {
	latch := &c.exchange.ends[end].latch
	locked := latch.locked
	n, drop := c.exchange.pass(end, source, in, out, now)
	if n > 0 && c.pairs[1-end].rtp.send(out[:n], c.exchange.peer(1-end)) != nil {
		drop = DropUnsent
	}
	c.exchange.account(end, len(in), n, drop)
	if locked != latch.locked {
		c.aim()
	}
	c.tellEvents()
}

// hearReport takes a datagram that arrived at the RTCP port of an end.
func (c *circuit) hearReport(end int, source netip.AddrPort, in []byte, now time.Time) {
	c.exchange.hearReport(end, source, in, now)
	c.tellEvents()
}

// install opens the circuit, and the first time starts to report.
func (c *circuit) install(flow Flow, now time.Time) {
	if c.final {
		return
	}
	if !c.exchange.open {
		c.timetable.begin(now)
	}
	c.exchange.install(flow, now)
	c.aim()
}

// aim has the system drop what strangers send, once it is settled who the peers are.
func (c *circuit) aim() {
	for end, pair := range c.pairs {
		latch := &c.exchange.ends[end].latch
		pair.rtp.aim(latch.lockedOn())
		pair.rtcp.aim(latch.reportsLockedOn())
	}
}

// due is when the circuit is next to tick; zero: not of its own accord.
func (c *circuit) due() time.Time {
	due := c.timetable.due()
	if at, ok := c.exchange.nextDue(); ok && !c.final && (due.IsZero() || at.Before(due)) {
		return at
	}
	return due
}

// tick does what is due by now. The buffer is for what is sent, and largestSent long.
func (c *circuit) tick(out []byte, now time.Time) {
	if c.final {
		return
	}
	for end := range c.pairs {
		if c.timetable.isReport(end, now) {
			c.report(end, out, now)
		}
	}
	if c.timetable.isWatch(now) {
		c.exchange.watch(c.timetable.silence, now)
	}
	if at, ok := c.exchange.nextDue(); ok && !now.Before(at) {
		c.play(0, out, now)
		c.play(1, out, now)
	}
	c.tellEvents()
}

// report sends at most one report. One that can't be sent is lost like any datagram: the next
// will do.
func (c *circuit) report(end int, out []byte, now time.Time) {
	datagram, to, err := c.exchange.report(end, out, now)
	if err != nil || datagram == nil {
		return
	}
	if c.reporting(end).send(datagram, to) == nil {
		c.exchange.ends[end].counters.ReportsOut++
	}
}

// reporting is the socket that an end's reports leave by.
func (c *circuit) reporting(end int) socket {
	if c.exchange.flow.Ends[end].Mux {
		return c.pairs[end].rtp
	}
	return c.pairs[end].rtcp
}

// play sends the packets of ours that an end's peer should have by now. One that can't be sent is
// lost like any datagram.
func (c *circuit) play(end int, out []byte, now time.Time) {
	for n := c.exchange.due(end, out, now); n > 0; n = c.exchange.due(end, out, now) {
		_ = c.pairs[end].rtp.send(out[:n], c.exchange.peer(end))
	}
}

// tellEvents passes on what was noticed.
func (c *circuit) tellEvents() {
	for e, ok := c.exchange.nextEvent(); ok; e, ok = c.exchange.nextEvent() {
		e.Circuit = c.id
		c.notices.leave(e)
	}
}

// cut closes the circuit for good.
func (c *circuit) cut() {
	c.final = true
	c.exchange.close()
	c.timetable.end()
}

func (c *circuit) counters() [2]Counters {
	return [2]Counters{c.exchange.counters(0), c.exchange.counters(1)}
}

// rebind gives an end other ports in place of its own, which it tells.
func (c *circuit) rebind(end int, to pair) (before pair) {
	before, c.pairs[end] = c.pairs[end], to
	return before
}
