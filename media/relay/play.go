package relay

import "time"

// play begins a clip for an end's peer, in place of another one and of what the other peer says.
// It is over at once where the peer's audio is not G.711.
func (x *exchange) play(end int, clip *Clip, loop bool, now time.Time) {
	x.playing(end).play(clip, loop, now)
	if x.open {
		x.unplayable(end)
	}
}

// stop ends what is played to an end. Digits go on.
func (x *exchange) stop(end int) {
	if player := x.ends[end].player; player != nil {
		player.stop()
	}
}

// press sends a digit of the other end's peer to an end's peer, after those before it. One that the
// peer can't be sent is not, nor one that it hears with the sound already: the other peer tells of its
// digits by signalling too.
func (x *exchange) press(end int, digit Digit, duration time.Duration, now time.Time) {
	if !digit.Valid() || x.flow.Ends[end].event() == 0 || x.ends[1-end].keypad.passed(digit, now) {
		return
	}
	x.playing(end).press(keystroke{digit: digit, duration: duration}, now)
}

// clear forgets the digits that are still to be sent to either end's peer.
func (x *exchange) clear() {
	for end := range x.ends {
		if player := x.ends[end].player; player != nil {
			player.dialer = dialer{}
		}
	}
}

// playing is the player of an end. Few calls have one.
func (x *exchange) playing(end int) *player {
	if x.ends[end].player == nil {
		x.ends[end].player = new(player)
	}
	return x.ends[end].player
}

// unplayable ends what an end's peer can't be sent any more, or never could.
func (x *exchange) unplayable(end int) {
	to, player := &x.flow.Ends[end], x.ends[end].player
	if !player.busy() {
		return
	}
	if player.clip != nil && !to.Audio.G711() && to.RTP.IsValid() {
		player.stop()
		x.desk.pending.add(Event{End: end, Kind: Played})
	}
	if to.event() == 0 {
		player.dialer = dialer{}
	}
}

// nextDue is when due has something to do next; false: nothing is played.
func (x *exchange) nextDue() (at time.Time, ok bool) {
	for end := range x.ends {
		player := x.ends[end].player
		if x.plays(end) && (!ok || player.next.Before(at)) {
			at, ok = player.next, true
		}
	}
	return at, ok
}

// plays tells whether there is anything to play, and somebody to play it to.
func (x *exchange) plays(end int) bool {
	return x.open && x.ends[end].player.busy() && x.flow.Ends[end].RTP.IsValid()
}

// due writes the next packet of ours that an end's peer should have by now, and gives its length;
// 0 for none. It is counted as sent.
func (x *exchange) due(end int, out []byte, now time.Time) (n int) {
	player := x.ends[end].player
	for n == 0 && x.plays(end) && !now.Before(player.next) {
		anew := player.step(x.flow.Ends[end].frame(), now)
		if player.dialer.busy() {
			n = x.dial(end, out, now)
		} else {
			n = x.sound(end, anew, out, now)
		}
	}
	return n
}

// sound makes the clip's next packet. While the peer is on hold the clip goes on unheard.
func (x *exchange) sound(end int, anew bool, out []byte, now time.Time) int {
	to, e := &x.flow.Ends[end], &x.ends[end]
	law := to.Audio
	size := int(samples(to.frame(), clockOf(law)))
	if e.player.sound(out[headerSize:headerSize+size], law) {
		x.desk.pending.add(Event{End: end, Kind: Played})
	}
	if !to.Listens {
		e.player.begun = false
		return 0
	}
	e.said.set(clockOf(law))
	m := e.said.next(now)
	if !anew {
		m = slot{sequence: m.sequence, timestamp: e.said.lastTimestamp + uint32(size)}
	}
	e.said.sent(m, now)
	e.said.interrupt()
	return e.count(e.send(out[:headerSize+size], to.Types[law], m, false))
}

// dial makes the next packet of a digit. After it a clip begins anew, for the digit takes a time
// of its own.
func (x *exchange) dial(end int, out []byte, now time.Time) int {
	to, e := &x.flow.Ends[end], &x.ends[end]
	format := to.event()
	event, first, ok := e.player.dialer.step(to.frame(), clockOf(format))
	e.player.begun = false
	if !ok || !to.Listens {
		return 0
	}
	m := e.said.next(now)
	if m.resumed = first; first {
		e.player.dialer.begun = m.timestamp
	}
	m.timestamp = e.player.dialer.begun
	e.said.sentEvent(m, span(uint32(event.duration), clockOf(format)), now)
	e.said.interrupt()
	n := event.write(out[headerSize:])
	return e.count(e.send(out[:headerSize+n], to.Types[format], m, false))
}

// count counts a packet of ours as sent.
func (e *endpoint) count(n int, drop Drop) int {
	if drop == 0 {
		e.counters.Out.add(n)
	}
	return n
}
