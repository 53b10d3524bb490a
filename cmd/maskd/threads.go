package main

import (
	"maskd/cmd/maskd/admin"
	"maskd/media"
	"maskd/media/recording"
)

// threads is how many may run Go at once. With only as many as processors, a
// thread that moves sound and wakes up queues behind whatever else computes:
// with 8 busy goroutines on 2 processors, half of the packets are 35 ms late
// and a tenth 78 ms. So there is one more for each thread that moves sound and
// for each reader that the API lets compute at once: then the kernel shares the
// processors out, and with 3 of 5 threads busy half of the packets take 28 us.
//
// No more than that, because the garbage collector takes a quarter of these
// threads for itself and lends itself those that are idle. With 16 of them on
// one processor it had most of that for as long as it ran: of 1,500 calls a
// second 164 in 12,000 were refused, and with 4 none.
//
// Those that write recordings give way to all others. One that has given way goes on
// counting: without threads of their own, others would have to wait for them.
func threads(processors int, records bool) int {
	n := processors + media.DefaultWorkers() + admin.MaxReaders
	if records {
		n += recording.Scribes
	}
	return n
}
