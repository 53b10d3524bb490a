//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	calls = 500
	// A step of the search for the highest rate.
	stepLength = 800 * time.Millisecond
	stepTries  = 3
	lowestRate = 60000
	rateSteps  = 20    // of 8 % each, so that the search ends
	worstLoss  = 0.005 // of the packets sent, at a rate that still counts
	calmLength = 2 * time.Second
	calmTries  = 3 // the best counts, because others may use the machine
	// settling is how long what is under way may take to arrive.
	settling = 100 * time.Millisecond
)

// figures are one contender's.
type figures struct {
	highest     int // packets per second
	calm        [2]calm
	idle, spent float64 // KB of memory for a call: before any packet, and after all
	setUp       float64 // microseconds
}

// calm is how it fares at a moderate rate.
type calm struct {
	median, slow float64 // microseconds: 50 and 99 of 100 packets are faster
	core, own    float64 // percent of the processor in all, and of the process
}

var calmRates = [2]int{25000, 50000}

func measure(out io.Writer, p plan) error {
	b, err := makeBed()
	if err != nil {
		return fmt.Errorf("make test bed: %w", err)
	}
	defer b.remove()
	b.guard()
	t, err := openPhones(b, calls)
	if err != nil {
		return fmt.Errorf("open phones: %w", err)
	}
	job := task{Listen: b.mover, Calls: t.calls()}
	fmt.Fprintf(out, "%d calls over %s, %d bytes a packet; mover on processor %d, load %s\n\n", calls, b.name, packetSize, moverCPU, load())
	fmt.Fprintln(out, "mover        max pps/core   25k pps: p50 us  p99 us  core %  own %   50k pps: p50 us  p99 us  core %  own %   KB/call: idle  used  set-up us")
	for _, m := range []struct {
		name   string
		launch func() (*contender, error)
	}{
		{"maskd", func() (*contender, error) { return launch(b, job, p.oursArgs()...) }},
		{"plain", func() (*contender, error) { return launch(b, job, "plain") }},
		{"rtpengine", func() (*contender, error) { return launchRTPEngine(b, job) }},
	} {
		if !p.includes(m.name) {
			continue
		}
		if _, ok := installed(m.name); m.name == "rtpengine" && !ok {
			fmt.Fprintln(out, "rtpengine    not installed (Debian: rtpengine-daemon)")
			continue
		}
		if err := contend(out, t, m.name, m.launch); err != nil {
			return err
		}
	}
	return nil
}

// contend measures one and prints its line.
func contend(out io.Writer, t *traffic, name string, launch func() (*contender, error)) error {
	c, err := launch()
	if err != nil {
		return err
	}
	defer c.close()
	if err := t.aim(c.To); err != nil {
		return err
	}
	t.send(lowestRate/2, stepLength) // so that what is learned is learned
	time.Sleep(settling)
	t.listen()
	f := figures{setUp: c.SetUp}
	for i, rate := range calmRates {
		f.calm[i] = calmest(t, c.pid, rate)
	}
	f.highest = highest(t)
	f.idle = kilobytesByCall(c.BytesBefore, c.BytesIdle)
	f.spent = kilobytesByCall(c.BytesBefore, memory(c.pid))
	fmt.Fprintf(out, "%-12s %12d", name, f.highest)
	for _, m := range f.calm {
		fmt.Fprintf(out, "           %7.1f %7.1f %7.1f %6.1f", m.median, m.slow, m.core, m.own)
	}
	fmt.Fprintf(out, "   %7.1f %7.1f  %9.1f\n", f.idle, f.spent, f.setUp)
	return nil
}

func kilobytesByCall(before, after uint64) float64 {
	return (float64(after) - float64(before)) / 1024 / calls
}

// calmest is the try with the lowest median, of those in which anything arrived.
func calmest(t *traffic, pid, rate int) (best calm) {
	for range calmTries {
		core, own, start := idle(), used(pid), time.Now()
		t.send(rate, calmLength)
		passed := time.Since(start).Seconds()
		m := calm{core: 100 * (1 - (idle()-core)/passed), own: 100 * (used(pid) - own) / passed}
		time.Sleep(settling)
		h := t.listen()
		m.median, m.slow = h.at(500), h.at(990)
		if best.median == 0 || m.median > 0 && m.median < best.median {
			best = m
		}
	}
	return best
}

// highest raises the rate until too much is lost, at two rates one after the other in case that
// somebody else was at work. Then it looks between the last two.
func highest(t *traffic) (best int) {
	passed, rate, failed := 0, lowestRate, 0
	for step := 0; step < rateSteps && failed < 2; step++ {
		failed++
		if reached := passesOnce(t, rate); reached > 0 {
			passed, best, failed = rate, reached, 0
		}
		rate += rate * 8 / 100
	}
	for width := passed * 4 / 100; width > passed/200; width /= 2 {
		if reached := passesOnce(t, passed+width); reached > 0 {
			passed, best = passed+width, reached
		}
	}
	return best
}

// passesOnce tries a rate more than once, because others may use the machine.
func passesOnce(t *traffic, rate int) (reached int) {
	for try := 0; try < stepTries && reached == 0; try++ {
		reached = passes(t, rate)
	}
	return reached
}

// passes gives the rate at which packets arrived, or 0 where too many did not.
func passes(t *traffic, rate int) int {
	start := time.Now()
	sent := t.send(rate, stepLength)
	passed := time.Since(start).Seconds()
	time.Sleep(settling)
	arrived := t.listen().packets
	if float64(arrived) < (1-worstLoss)*float64(sent) {
		return 0
	}
	return int(float64(arrived) / passed)
}

// ticks of the system's accounting in a second.
const ticks = 100

// idle is how long the mover's processor has had nothing to do, in seconds. It is measured; how
// long it has worked is only sampled.
func idle() float64 {
	b, _ := os.ReadFile("/proc/stat")
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) > 8 && fields[0] == fmt.Sprint("cpu", moverCPU) {
			return (number(fields[4]) + number(fields[5])) / ticks
		}
	}
	return 0
}

// used is how long a process has worked, in seconds.
func used(pid int) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	if fields := strings.Fields(rest); len(fields) > 12 {
		return (number(fields[11]) + number(fields[12])) / ticks
	}
	return 0
}

func number(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64)
	return n
}

// load is the machine's, of the last minute: what else runs on it.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
