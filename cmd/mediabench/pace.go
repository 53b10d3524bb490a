//go:build linux

package main

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// beat is how long the traffic sleeps between two looks at the clock, where it shares its
// processor: then as many packets are due as come at once from a busy network.
const beat = 100 * time.Microsecond

// pace sends like send, but sleeps where that looks at the clock: it leaves the most of its processor to
// others. When it wakes up it goes first, if that is allowed. No packet's time has its sleep in it, for
// each begins when it is sent.
func (t *traffic) pace(perSecond int, length time.Duration) (sent int) {
	t.run++
	var b [packetSize]byte
	b[0], b[1] = 0x80, 8
	binary.BigEndian.PutUint32(b[12:], t.run)
	first := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if unix.SchedSetAttr(0, &first, 0) == nil {
		usual := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
		defer func() { _ = unix.SchedSetAttr(0, &usual, 0) }()
	}
	total := int(int64(perSecond) * int64(length) / int64(time.Second))
	for start := time.Now(); sent < total; {
		due := int(int64(time.Since(start)) * int64(perSecond) / int64(time.Second))
		for ; sent < min(due, total); sent++ {
			t.speak(sent%len(t.phones), &b)
		}
		rest := unix.NsecToTimespec(beat.Nanoseconds())
		_ = unix.Nanosleep(&rest, nil)
	}
	return sent
}
