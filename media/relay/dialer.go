package relay

import "time"

const (
	// waiting is how many digits may wait: more than any number or menu takes.
	waiting = 32
	// endCopies of the last packet of an event are sent (RFC 4733 section 2.5.1.4).
	endCopies = 3
	// shortest digit and pause that every receiver takes (ITU-T Q.24 table A-1).
	shortest = 50 * time.Millisecond
)

// dialer makes the packets of the digits that we send.
type dialer struct {
	queue [waiting]keystroke
	first int
	count int

	// The digit under way: the first of the queue.
	sounding bool
	begun    uint32        // its timestamp
	elapsed  time.Duration // of it
	ends     int           // copies of its end still to come
	pause    time.Duration // still to keep after it
}

func (d *dialer) busy() bool { return d.count > 0 || d.pause > 0 }

// add drops a digit for which there is no room.
func (d *dialer) add(k keystroke) {
	if d.count == waiting {
		return
	}
	d.queue[(d.first+d.count)%waiting] = keystroke{digit: k.digit, duration: max(k.duration, shortest)}
	d.count++
}

// step gives the event to be sent in this packet's time by the event clock; none in a pause.
// First tells that a digit begins with it.
func (d *dialer) step(frame time.Duration, clock uint32) (e telephoneEvent, first, ok bool) {
	if d.pause > 0 {
		d.pause -= min(d.pause, frame)
		return telephoneEvent{}, false, false
	}
	k := d.queue[d.first]
	total := min(k.duration, span(segment, clock))
	if first = !d.sounding; first {
		d.sounding, d.elapsed, d.ends = true, 0, endCopies
	}
	d.elapsed = min(d.elapsed+frame, total)
	e = telephoneEvent{digit: k.digit, end: d.elapsed == total, duration: uint16(samples(d.elapsed, clock))}
	if e.end {
		d.finish(frame)
	}
	return e, first, true
}

// finish counts a copy of the end. While they are sent the pause has begun already.
func (d *dialer) finish(frame time.Duration) {
	if d.ends--; d.ends > 0 {
		return
	}
	d.sounding, d.first, d.count = false, (d.first+1)%waiting, d.count-1
	d.pause = max(frame, shortest-(endCopies-1)*frame)
}
