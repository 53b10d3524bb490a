package relay

import "time"

const (
	// usualFrame is how much sound is in a packet of ours unless agreed otherwise.
	usualFrame = 20 * time.Millisecond
	// maxBehind is how late we may be and still catch up; later than that, what was missed is
	// made up for by a jump of the timestamp.
	maxBehind = 200 * time.Millisecond
)

// player makes the packets of ours that an end's peer hears in place of the other peer: digits,
// and clips when there is no digit.
type player struct {
	dialer dialer
	last   Digit // that was pressed
	lastAt time.Time

	clip     *Clip // nil: none
	loop     bool
	position int // of the next sample

	next  time.Time // when the next packet is due
	begun bool      // the next packet is not the first
}

// busy tells whether there is anything to play.
func (p *player) busy() bool { return p != nil && (p.clip != nil || p.dialer.busy()) }

func (p *player) play(clip *Clip, loop bool, now time.Time) {
	p.wake(now)
	p.clip, p.loop, p.position = clip, loop, 0
}

func (p *player) press(k keystroke, now time.Time) {
	p.wake(now)
	p.dialer.add(k)
	p.last, p.lastAt = k.digit, now
}

// pressed tells whether a digit was the last to be sent, a moment ago.
func (p *player) pressed(digit Digit, now time.Time) bool {
	return p != nil && p.last == digit && now.Sub(p.lastAt) < straggling
}

func (p *player) stop() { p.clip = nil }

// wake sets the clock when there was nothing to play.
func (p *player) wake(now time.Time) {
	if !p.busy() {
		p.next, p.begun = now, false
	}
}

// step moves the clock on by a packet. It tells whether the stream must begin anew with it,
// because it is the first or we have been too long behind.
func (p *player) step(frame time.Duration, now time.Time) (anew bool) {
	anew = !p.begun
	if now.Sub(p.next) > maxBehind {
		p.next, anew = now, true
	}
	p.next, p.begun = p.next.Add(frame), true
	return anew
}

// sound writes the next samples of the clip in a law. After the end there is silence.
func (p *player) sound(to []byte, law Format) (over bool) {
	from := p.clip.in(law)
	for n := 0; n < len(to); {
		if p.position == len(from) && (!p.loop || len(from) == 0) {
			hush(to[n:], law)
			break
		}
		p.position %= len(from)
		copied := copy(to[n:], from[p.position:])
		n, p.position = n+copied, p.position+copied
	}
	if over = !p.loop && p.position == len(from); over {
		p.clip = nil
	}
	return over
}
