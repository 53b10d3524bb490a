//go:build linux

// Command callbench measures how many calls the real daemon sets up on one processor, and what a
// call costs: CPU, allocations, memory, and the time that it is set up later than without maskd.
// It then calls at twice that rate, and looks at what still gets through, and for numbers in the
// wrong place.
//
// The daemon is alone on the second processor; the phones are on the first: a crowd of our own,
// which counts and times every message and searches each for what the other side must not see,
// and sipp as the witness from outside. Mapping, call detail records and store are those of any
// day. It ends by itself and leaves nothing behind.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	runtime.LockOSThread()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "callbench:", err)
		os.Exit(1)
	}
}

// options are what may be asked for.
type options struct {
	lowest, step, steps int           // of the rates tried, in calls per second
	hold                time.Duration // that a rate must be held
	talk                time.Duration // how long a call is up
	witness             bool          // sipp
	program             string        // the daemon; empty: built here
}

func run(args []string) error {
	var o options
	flags := flag.NewFlagSet("callbench", flag.ContinueOnError)
	flags.IntVar(&o.lowest, "lowest", 1000, "the first `rate` tried, in calls per second")
	flags.IntVar(&o.step, "step", 500, "how much `more` the next rate is")
	flags.IntVar(&o.steps, "steps", 12, "how `many` rates are tried at most")
	flags.DurationVar(&o.hold, "hold", 30*time.Second, "how `long` a rate must be held without a failure")
	flags.DurationVar(&o.talk, "talk", shortly, "how `long` a call is up, where it is not timed")
	flags.BoolVar(&o.witness, "witness", true, "let sipp repeat the rate that was held")
	flags.StringVar(&o.program, "maskd", "", "`path` of a daemon already built")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two processors are needed: one for the phones, one for what is measured")
	}
	if err := pin(phonesCPU); err != nil {
		return err
	}
	return measure(os.Stdout, o)
}

// The processors.
const (
	phonesCPU = 0
	daemonCPU = 1
)

// pin keeps this thread on a processor, and the processes that it starts.
func pin(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &set))
}

// installed tells where a program is.
func installed(program string) (string, bool) {
	path, err := exec.LookPath(program)
	return path, err == nil
}
