package main

import (
	"math"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// A call takes 80 KB while it is set up and ended, of which next to nothing is
// alive a second later. To look at what is alive whenever all has become five
// times as large takes a twentieth of a processor at 2,000 calls a second. With
// twice that again no more calls were held: new pages cost as much as marking.
const (
	growth = 400
	// memoryShare is which part of the machine's memory that may take. Near it
	// the collector works more, as if there were no growth.
	memoryShare = 2
)

// collectSeldom tunes the garbage collector for signalling, unless the
// environment does.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
	var machine unix.Sysinfo_t
	if os.Getenv("GOMEMLIMIT") != "" || unix.Sysinfo(&machine) != nil {
		return
	}
	total := uint64(machine.Totalram) * uint64(machine.Unit)
	debug.SetMemoryLimit(int64(min(total/memoryShare, math.MaxInt64)))
}
