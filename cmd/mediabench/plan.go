//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
)

// plan is what the operator wants measured.
type plan struct {
	only     string // the one mover; empty: all
	profiles string // the directory for profiles of ours; empty: none
	spin     time.Duration

	recording bool   // the recorded calls are to be measured, in place of all else
	to        string // where they are recorded
}

func (p plan) includes(mover string) bool { return p.only == "" || p.only == mover }

// oursArgs are the arguments of the process that our mover is in.
func (p plan) oursArgs() []string {
	return []string{"-profiles", p.profiles, "-spin", p.spin.String(), "ours"}
}

// profile runs our mover, with profiles of it if they are wanted. They cost it some speed.
func (p plan) profile(run func() error) error {
	if p.profiles == "" {
		return run()
	}
	runtime.MemProfileRate = 1 // all there is: a call makes few objects
	cpu, err := os.Create(filepath.Join(p.profiles, "cpu.pprof"))
	if err != nil {
		return err
	}
	defer cpu.Close()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	if err := run(); err != nil {
		return err
	}
	heap, err := os.Create(filepath.Join(p.profiles, "heap.pprof"))
	if err != nil {
		return err
	}
	defer heap.Close()
	runtime.GC()
	return pprof.WriteHeapProfile(heap)
}
