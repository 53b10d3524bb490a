package recording

import "time"

const (
	// drift is how far a speaker's packets may come from where its timestamps put them before
	// these are believed no more. Two clocks of telephones differ by up to 100 ppm, 60 ms in ten
	// minutes; 8 ms is less than anybody hears as an echo of the other side.
	drift = 8 * time.Millisecond
	// hearings is how many packets the least late one is sought in: 5 s of speech at 20 ms. What
	// is later than it was held up on the way, which says nothing of the clock.
	hearings = 250
)

// clock tells where on the time line of a recording a speaker's packets belong. Their timestamps
// say so to the sample, whatever the network did to them; and since the speaker's clock is not
// ours, the least late of the latest packets says when it has gone astray.
type clock struct {
	begun time.Time // when the recording did

	rate   int    // timestamps in a second; 0: nothing was heard yet
	latest uint32 // timestamp of the latest packet
	place  int64  // where that is, in timestamps since begun
	least  int64  // how late the least late packet was, of those heard
	heard  int
}

// at returns the place of a packet in timestamps since the beginning; it may lie before that.
// Where a call goes on with a codec that counts otherwise, nothing of what was counted holds.
func (c *clock) at(rate int, timestamp uint32, arrived time.Time) int64 {
	due := int64(arrived.Sub(c.begun)) * int64(rate) / int64(time.Second)
	if c.rate != rate {
		c.rate, c.latest, c.place = rate, timestamp, due
		c.forget()
	}
	place := c.place + int64(int32(timestamp-c.latest))
	if int32(timestamp-c.latest) > 0 {
		c.latest, c.place = timestamp, place
	}
	c.hear(due - place)
	return place
}

// hear takes note of how late a packet was, and sets the clock if that says that it is astray. A
// packet that is early says so at once, for none comes before it was sent; one that is late only
// if all others are.
func (c *clock) hear(late int64) {
	c.least = min(c.least, late)
	c.heard++
	astray := int64(drift) * int64(c.rate) / int64(time.Second)
	if late >= -astray && c.heard < hearings {
		return
	}
	if c.least > astray || c.least < -astray {
		c.place += c.least
	}
	c.forget()
}

func (c *clock) forget() { c.least, c.heard = 1<<62, 0 }
