package relay

import "time"

// passAudio sends on what the desk's packet holds, if the other end may have it now.
func (x *exchange) passAudio(end int, format Format, out []byte, now time.Time) (n int, drop Drop) {
	to, there, p := &x.flow.Ends[1-end], &x.ends[1-end], &x.desk.packet
	sent, ok := to.carries(format)
	hidden := x.hides(end, format)
	switch drop = x.blocked(end); {
	case drop != 0:
		return 0, drop
	case !ok:
		there.said.skip(p.SSRC, p.SequenceNumber)
		return 0, DropUnmatched
	case hidden && !format.G711():
		there.said.skip(p.SSRC, p.SequenceNumber)
		return 0, DropSwallowed
	case format.Audio():
		there.said.set(clockOf(sent))
	}
	m, ok := there.said.relay(p.SSRC, p.SequenceNumber, p.Timestamp, now)
	if !ok {
		return 0, DropLate
	}
	there.said.sent(m, now)
	n = headerSize + transcode(out[headerSize:], p.Payload, transcoding(format, sent))
	if hidden {
		hush(out[headerSize:n], sent)
	}
	x.record(end, sent, m.timestamp, out[headerSize:n], now)
	return there.send(out[:n], to.Types[sent], m, p.Marker)
}

// hides tells whether what the desk's packet holds may be the sound of a digit that only we may hear.
// A tone begins before the first packet that names it: so all sound is hidden that we can make silence of.
func (x *exchange) hides(end int, format Format) bool {
	swallow, heard, p := x.flow.Ends[end].Swallow, &x.ends[end].keypad, &x.desk.packet
	if swallow && format.G711() {
		return true
	}
	return (swallow || heard.hidden()) && heard.covers(x.moment(format), uint32(len(p.Payload)))
}

// passEvent hears a digit, and sends it on if the other end may have it.
func (x *exchange) passEvent(end int, format Format, out []byte, now time.Time) (n int, drop Drop) {
	from, to := &x.flow.Ends[end], &x.flow.Ends[1-end]
	here, there, p := &x.ends[end], &x.ends[1-end], &x.desk.packet
	event, ok := parseEvent(p.Payload)
	if !ok {
		return 0, DropMalformed
	}
	sent := to.event()
	late := x.hearEvent(end, event, format, now)
	switch {
	case late:
		return 0, DropLate
	case from.Swallow || here.keypad.hidden():
		there.said.skip(p.SSRC, p.SequenceNumber)
		return 0, DropSwallowed
	}
	switch drop = x.blocked(end); {
	case drop != 0:
		return 0, drop
	case sent == 0 || !event.digit.Valid():
		there.said.skip(p.SSRC, p.SequenceNumber)
		return 0, DropUnmatched
	}
	m, ok := there.said.relayEvent(&here.keypad, p.SSRC, p.SequenceNumber, clockOf(format), now)
	if !ok {
		return 0, DropLate
	}
	event = here.keypad.by(clockOf(sent), event)
	there.said.sentEvent(m, span(uint32(event.duration), clockOf(sent)), now)
	n = headerSize + event.write(out[headerSize:])
	return there.send(out[:n], to.Types[sent], m, p.Marker)
}

// hearEvent notices digits that are over.
func (x *exchange) hearEvent(end int, event telephoneEvent, format Format, now time.Time) (late bool) {
	if !event.digit.Valid() {
		return false
	}
	progress := x.ends[end].keypad.hear(event, x.moment(format), x.flow.Ends[end].Swallow, x.withholds(end, event.digit, now), now)
	for _, stroke := range progress.done[:progress.n] {
		x.noticeDigit(end, stroke, now)
	}
	return progress.late
}

// withholds tells whether a digit that begins now is not to be passed on: it is one of those, comes
// behind a star, would overtake those that are sent on late, or may be one of them.
func (x *exchange) withholds(end int, digit Digit, now time.Time) bool {
	keys, there := x.flow.Ends[end].Withholds, x.ends[1-end].player
	behind := x.ends[end].keypad.isStar() || there != nil && there.dialer.busy()
	return keys.Has(digit) || keys.Has(Star) && behind || there.pressed(digit, now)
}

// moment is when what the desk's packet holds begins, by its source's clock.
func (x *exchange) moment(format Format) moment {
	p := &x.desk.packet
	return moment{ssrc: p.SSRC, clock: clockOf(format), timestamp: p.Timestamp}
}

// noticeDigit tells of a digit, but of no more than anybody presses.
func (x *exchange) noticeDigit(end int, stroke keystroke, now time.Time) {
	here := &x.ends[end]
	here.counters.Digits++
	if !here.keys.admitKey(now) {
		here.counters.DigitsUntold++
		return
	}
	x.desk.pending.add(Event{
		End: end, Kind: DigitHeard, Digit: stroke.digit, Duration: stroke.duration, Swallowed: stroke.swallowed, Withheld: stroke.withheld,
	})
}

// blocked tells why nothing of an end's peer reaches the other one now. What comes after that
// is a new beginning for the listener.
func (x *exchange) blocked(end int) (drop Drop) {
	from, to, there := &x.flow.Ends[end], &x.flow.Ends[1-end], &x.ends[1-end]
	switch {
	case !from.Speaks || !to.Listens || !there.latch.peer.IsValid():
		drop = DropHeld
	case there.player.busy():
		drop = DropPlaying
	default:
		return 0
	}
	there.said.interrupt()
	return drop
}

func (x *exchange) record(end int, format Format, timestamp uint32, payload []byte, now time.Time) {
	if x.tap == nil || !format.Audio() {
		return
	}
	x.tap.put(TapPacket{
		End: end, At: now, Format: format, Aligned: x.flow.Ends[1-end].Aligned, Timestamp: timestamp,
		Source: uint32(x.ends[end].counters.Sources), Payload: payload,
	})
}
