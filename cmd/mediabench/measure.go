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
	setUp       float64 // microseconds, on new ports
	again       float64 // microseconds, on ports that were used before
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
	wire, err := p.wire(t, func() (*contender, error) { return launchDirect(b, job) })
	if err != nil {
		return err
	}
	printHead(out, wire)
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
		f, err := contend(t, m.launch)
		if err != nil {
			return err
		}
		f.print(out, m.name, wire)
	}
	return nil
}

// wire is how long the traffic takes without a mover, at the same rates. It is measured as often as any.
func (p plan) wire(t *traffic, launch func() (*contender, error)) (f figures, err error) {
	c, err := begin(t, launch)
	if err != nil {
		return f, err
	}
	defer c.close()
	f.measureCalm(t, c)
	return f, nil
}

// contend measures one.
func contend(t *traffic, launch func() (*contender, error)) (f figures, err error) {
	c, err := begin(t, launch)
	if err != nil {
		return f, err
	}
	defer c.close()
	f.setUp, f.again = c.SetUp, c.Again
	f.measureCalm(t, c)
	f.highest = highest(t)
	f.idle = kilobytesByCall(c.BytesBefore, c.BytesIdle)
	f.spent = kilobytesByCall(c.BytesBefore, memory(c.pid))
	return f, nil
}

// begin launches one and lets it learn what it learns.
func begin(t *traffic, launch func() (*contender, error)) (*contender, error) {
	c, err := launch()
	if err != nil {
		return nil, err
	}
	if err := t.aim(c.To); err != nil {
		c.close()
		return nil, err
	}
	t.send(lowestRate/2, stepLength)
	time.Sleep(settling)
	t.listen()
	return c, nil
}

func (f *figures) measureCalm(t *traffic, c *contender) {
	for i, rate := range calmRates {
		f.calm[i] = calmest(t, c.pid, rate)
	}
}

// printHead says what the columns are, and what is subtracted.
func printHead(out io.Writer, wire figures) {
	for i, rate := range calmRates {
		fmt.Fprintf(out, "the wire itself at %d/s: p50 %.1f us, p99 %.1f us from a phone's send to the other's system; core %.1f %%\n",
			rate, wire.calm[i].median, wire.calm[i].slow, wire.calm[i].core)
	}
	fmt.Fprintln(out, "added is less the wire's p50, of the p99 too")
	fmt.Fprint(out, "\nmover        max pps/core")
	for _, rate := range calmRates {
		fmt.Fprintf(out, "   %dk pps: p50 us  added  p99 us  added  core %%  own %%", rate/1000)
	}
	fmt.Fprintln(out, "   KB/call: idle  used  set-up us: new  again")
}

func (f figures) print(out io.Writer, name string, wire figures) {
	fmt.Fprintf(out, "%-12s %12d", name, f.highest)
	for i, m := range f.calm {
		own := wire.calm[i].median
		fmt.Fprintf(out, "           %7.1f %6.1f %7.1f %6.1f %7.1f %6.1f", m.median, m.median-own, m.slow, m.slow-own, m.core, m.own)
	}
	fmt.Fprintf(out, "   %7.1f %7.1f  %15.1f %6.1f\n", f.idle, f.spent, f.setUp, f.again)
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
