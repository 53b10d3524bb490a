package main

import (
	"time"

	"maskd/media"
	"maskd/media/recording"
)

// spares is how many places are kept for those who would hold the others up.
const spares = 1

// keepSpare is for how long after a commit or a list. A daemon that has had none for so long has no
// calls either, and sleeps better if it keeps nothing.
const keepSpare = time.Second

// threads is how many may run Go at once: how many places there are for that. With only as many
// as processors, a thread that moves sound and wakes up queues behind whatever else computes:
// with 8 busy goroutines on 2 processors, half of the packets are 35 ms late and a tenth
// 78 ms. So each such thread has one more, and keeps it; and there is a spare one for who waits for
// the disk or makes a list for the API, which is kept from all others (see [place.Spare]).
//
// No more than that. Where a place is nobody's the scheduler wakes a thread for it whenever a
// goroutine lets another go on: on one processor a call then costs a tenth more. And the garbage
// collector takes a quarter of the places for itself and lends itself those that are idle: with 16
// on one processor it had most of that for as long as it ran, and of 1,500 calls a second 164 in
// 12,000 were refused.
//
// Those that write recordings give way to all others. One that has given way goes on
// counting: without threads of their own, others would have to wait for them.
func threads(processors int, records bool) int {
	n := processors + media.DefaultWorkers() + spares
	if records {
		n += recording.Scribes
	}
	return n
}
