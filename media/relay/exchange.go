package relay

import (
	"net/netip"
	"time"
)

// exchange is all of a circuit but its sockets: it decides what becomes of each packet, without
// I/O and without a clock. The ends are 0 and 1.
//
// Who moves packets for it
//   - calls install for each flow and close for the cut;
//   - hands each datagram of an RTP socket to pass and, where that gives n > 0, sends n bytes of
//     out to peer(1-end); then calls account, with DropUnsent where the network refused it. With
//     n = 0 and no Drop there is nothing to send. The datagram may be overwritten;
//   - hands each datagram of an RTCP socket to hearReport, which may overwrite it too;
//   - sends what report gives, from the RTP socket where the end has Mux;
//   - calls due for either end at the time nextDue tells, again until it gives 0, and sends what
//     it gives to peer(end);
//   - calls watch about once a second;
//   - takes events after any of these with nextEvent until there is none.
//
// Buffers for out are cryptOverhead longer than the largest datagram.
type exchange struct {
	open bool
	flow Flow
	ends [2]endpoint
	tap  *Tap  // nil: nobody listens in
	desk *desk // of whoever moves packets
}

// endpoint is one end's memory. It outlives a change of flow, so that a hold or a new codec
// neither begins our sequence numbers anew nor our counters.
type endpoint struct {
	// From the peer.
	latch   latch
	packets rate
	reports rate
	keys    rate
	heard   reception
	keypad  keypad
	vigil   vigil

	// To the peer.
	said     stream
	player   *player // nil: nothing was ever played
	octets   uint64  // of payload sent
	reported uint64  // packets sent as of the last report

	// Both ways.
	crypt    *crypt // nil: was never encrypted
	told     echo   // of the peer's reports
	counters Tally
}

// begin makes of a blank exchange one that works once it has a desk.
func (x *exchange) begin(sources [2]Source) {
	for end := range x.ends {
		x.ends[end].said = stream{self: sources[end], clock: usualClock}
	}
}

// install lets packets pass by the flow from now on.
func (x *exchange) install(flow Flow, now time.Time) {
	x.open, x.flow = true, flow
	for end := range flow.Ends {
		said, e := &flow.Ends[end], &x.ends[end]
		e.latch.signal(whereabouts{rtp: said.RTP, rtcp: said.RTCP, nat: said.NAT, mux: said.Mux})
		e.crypt = e.crypt.install(said.Crypt)
		e.said.set(said.clock())
		x.unplayable(end)
	}
}

// close lets nothing pass any more.
func (x *exchange) close() { x.open = false }

// peer is where RTP for an end is sent to; invalid: nowhere.
func (x *exchange) peer(end int) netip.AddrPort { return x.ends[end].latch.peer }

// pass decides on an RTP datagram that arrived on an end: either n bytes of out are to be sent
// to the other end's peer, or it is dropped, or it was for us alone. It allocates nothing.
func (x *exchange) pass(end int, source netip.AddrPort, in, out []byte, now time.Time) (n int, drop Drop) {
	from, here := &x.flow.Ends[end], &x.ends[end]
	switch {
	case !x.open:
		return 0, DropClosed
	case !here.latch.suspects(source):
		return 0, DropStranger
	case from.Mux && isReport(in):
		x.hearReport(end, source, in, now)
		return 0, 0
	}
	format, drop := x.admit(end, source, in, now)
	switch {
	case drop != 0:
		return 0, drop
	case format.Event():
		return x.passEvent(end, format, out, now)
	default:
		return x.passAudio(end, format, out, now)
	}
}

// admit reads a datagram into the desk's packet and tells its format. Nothing is learned from one
// that is dropped, but by the latch and the vigil.
func (x *exchange) admit(end int, source netip.AddrPort, in []byte, now time.Time) (Format, Drop) {
	here := &x.ends[end]
	if drop := identify(in); drop != 0 {
		return 0, drop
	}
	// Before any decryption, but not before the lock: others could use up what the peer may send.
	if here.latch.locked && !here.packets.admitPacket(now) {
		return 0, DropRate
	}
	if drop := x.read(end, in); drop != 0 {
		return 0, drop
	}
	format := x.flow.Ends[end].Takes.Of(x.desk.packet.PayloadType)
	switch {
	case format == 0:
		x.sign(end, now)
		return 0, DropFormat
	case !x.latched(end, source, now):
		return 0, DropStranger
	}
	return format, x.hear(end, format, now)
}

// read decrypts a datagram, and has the desk's packet hold it.
func (x *exchange) read(end int, in []byte) Drop {
	plain, ok := x.ends[end].crypt.open(in)
	switch {
	case !ok:
		return DropForged
	case x.desk.packet.Unmarshal(plain) != nil:
		return DropMalformed
	default:
		return 0
	}
}

// sign takes a packet that can't be used as a sign of the peer's life: comfort noise that was not
// negotiated, or what keeps a NAT open (RFC 6263 section 4).
func (x *exchange) sign(end int, now time.Time) {
	if here := &x.ends[end]; here.latch.locked {
		here.vigil.hear(now)
	}
}

// latched asks the latch, and notices when it locks elsewhere than the SDP said.
func (x *exchange) latched(end int, source netip.AddrPort, now time.Time) bool {
	latch := &x.ends[end].latch
	was := latch.locked
	if !latch.admit(source, x.desk.packet.SSRC, x.desk.packet.SequenceNumber, now) {
		return false
	}
	if !was && source != latch.signalled.rtp {
		x.desk.pending.add(Event{End: end, Kind: Latched})
	}
	return true
}

// hear accounts for a packet of the peer.
func (x *exchange) hear(end int, format Format, now time.Time) Drop {
	here, p := &x.ends[end], &x.desk.packet
	here.vigil.hear(now)
	arrival := here.heard.hear(p, format, now)
	if arrival.source {
		here.counters.Sources++
	}
	if arrival.anew {
		x.ends[1-end].said.interrupt()
		here.keypad.anew = here.keypad.anew || !arrival.source
	}
	if arrival.repeated {
		return DropLate
	}
	if format.G711() && quiet(p.Payload, format) {
		here.counters.Quiet++
	}
	return 0
}

// account counts what became of a datagram of so many bytes that arrived on an end, sent of
// which were passed on.
func (x *exchange) account(end, received, sent int, drop Drop) {
	switch {
	case drop != 0:
		x.ends[end].counters.Dropped[drop]++
	case sent > 0:
		x.ends[end].counters.In.add(received)
		x.ends[1-end].counters.Out.add(sent)
	}
}

// counters tells what an end has seen so far.
func (x *exchange) counters(end int) Counters {
	e := &x.ends[end]
	c := Counters{Tally: e.counters, Heard: e.heard.quality(), Told: e.told.quality()}
	c.Heard.RoundTrip = c.Told.RoundTrip
	c.Heard.Codec, c.Told.Codec = x.flow.Ends[end].Audio, x.flow.Ends[end].Audio
	return c
}
