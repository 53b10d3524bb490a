package main

import (
	"math"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// A call leaves its transactions behind for 32 s, because RFC 3261 wants late
// repetitions answered: at 3,000 calls a second, a gigabyte that is alive and
// does nothing. To look at all of it whenever it has doubled takes a fifth of a
// processor; whenever it is five times as large, a twentieth.
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
