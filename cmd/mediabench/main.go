//go:build linux

// Command bench measures how fast packets of sound are moved: by our mover, by a plain loop of
// recvmmsg and sendmmsg, and by rtpengine if it is installed, all on the same traffic.
//
// As root it makes three network namespaces and joins them by veth; else all is on loopback. What
// moves packets is alone on the second processor, the traffic comes from the first. It ends by
// itself and takes the namespaces away.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var p plan
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&p.only, "only", "", "measure one mover: maskd, plain or rtpengine")
	flags.StringVar(&p.profiles, "profiles", "", "a directory for profiles of ours: cpu over all traffic, heap after it")
	flags.DurationVar(&p.spin, "spin", 0, "how long ours looks for packets before it sleeps, such as 50us")
	flags.BoolVar(&p.recording, "recording", false, "measure calls that are recorded beside calls that are not")
	flags.StringVar(&p.to, "to", "", "the directory for recordings; one for temporary files if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch args := flags.Args(); {
	case len(args) == 1 && args[0] == "ours":
		return p.profile(func() error { return serve(p.moveOurs) })
	case len(args) == 1 && args[0] == "plain":
		return serve(movePlainly)
	case len(args) == 1 && (args[0] == "plainly" || args[0] == "recorded"):
		return (&recorder{records: args[0] == "recorded", dir: p.to}).serve()
	case len(args) != 0:
		return fmt.Errorf("no arguments are expected, not %q", args)
	}
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two processors are needed: one for the traffic, one for what is measured")
	}
	// Not before: what our mover does on its own processor would be done by two threads that wait for each other.
	runtime.LockOSThread()
	if err := pin(trafficCPU); err != nil {
		return err
	}
	if p.recording {
		return measureRecording(os.Stdout, p.to)
	}
	return measure(os.Stdout, p)
}

// The processors.
const (
	trafficCPU = 0
	moverCPU   = 1
)

// pin keeps this thread on a processor.
func pin(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &set))
}
