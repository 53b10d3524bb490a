//go:build linux

package main

import (
	"fmt"
	"io"
	"time"
)

const (
	// people is how many pairs there are: more than can talk at once.
	people = 16_000
	// The calls that are timed come so seldom that none waits for another: one begins
	// every five milliseconds, and is hung up half-way between two others.
	calmRate = 200
	calmTime = 10 * time.Second
	calmTalk = 502 * time.Millisecond
	// after is how long after an overload all must be as before.
	after = 2 * time.Second
	// pause lets the daemon's transactions of the rate before come to their end, so that each
	// rate begins alike.
	pauseTime = time.Second
)

// bench is a crowd and a daemon.
type bench struct {
	options
	out    io.Writer
	crowd  *crowd
	daemon *daemon
}

// measure measures everything, and prints a line for each thing as soon as it is known.
func measure(out io.Writer, o options) error {
	pairs := newPairs(people)
	fmt.Fprintf(out, "maskd on processor %d, the phones on %d, %d interactions, calls of %s, load %s\n",
		daemonCPU, phonesCPU, people, o.talk, load())
	own, err := rig(pairs)
	if err != nil {
		return err
	}
	b, err := newBench(out, o, pairs)
	if err != nil {
		return err
	}
	held, err := b.run(own)
	b.close()
	if err != nil || held == 0 {
		return err
	}
	if o.witness {
		if err := b.testify(held); err != nil {
			return err
		}
	}
	return b.weigh(pairs)
}

func newBench(out io.Writer, o options, pairs []pair, environment ...string) (*bench, error) {
	b := &bench{options: o, out: out}
	var err error
	if b.crowd, err = newCrowd(pairs); err != nil {
		return nil, err
	}
	if b.daemon, err = startDaemon(o.program, environment...); err != nil {
		b.crowd.close()
		return nil, err
	}
	if err := b.daemon.connect(pairs); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	b.crowd.close()
	b.daemon.stop()
}

// rig times calls without maskd between: what the phones and the loopback take.
func rig(pairs []pair) (tally, error) {
	c, err := newCrowd(newPairs(len(pairs)))
	if err != nil {
		return tally{}, err
	}
	defer c.close()
	c.direct()
	c.talk = calmTalk
	return c.play(calmRate, calmTime), nil
}

// run gives the highest rate that was held.
func (b *bench) run(own tally) (held int, err error) {
	b.time(own)
	held, err = b.climb()
	if err != nil || held == 0 {
		return 0, err
	}
	b.overload(held)
	return held, nil
}

// time says how much later calls are set up than without maskd.
func (b *bench) time(own tally) {
	b.crowd.talk = calmTalk
	t := b.crowd.play(calmRate, calmTime)
	b.crowd.talk = b.options.talk
	fmt.Fprintf(b.out, "set-up added at %d/s: p50 %s, p99 %s (INVITE in to out p50 %s, 200 in to out p50 %s; the rig's own p50 %s)\n",
		calmRate, brief(t.whole.at(500)-own.whole.at(500)), brief(t.whole.at(990)-own.whole.at(500)),
		brief(t.toCallee.at(500)-own.toCallee.at(500)), brief(t.toCaller.at(500)-own.toCaller.at(500)), brief(own.whole.at(500)))
}

// climb raises the rate until calls fail twice in succession.
func (b *bench) climb() (held int, err error) {
	missed := 0
	for k := 0; k < b.steps && missed < 2; k++ {
		rate := b.lowest + k*b.step
		ok, err := b.hold(rate)
		if err != nil {
			return held, err
		}
		if missed++; ok {
			held, missed = rate, 0
		}
		time.Sleep(pauseTime)
	}
	fmt.Fprintf(b.out, "held without a failure for %s: %d/s\n", b.options.hold, held)
	return held, nil
}

// hold offers a rate, and reports whether every call came to its end as it should.
func (b *bench) hold(rate int) (bool, error) {
	before, err := b.daemon.heap()
	if err != nil {
		return false, err
	}
	cpu := b.daemon.cpu()
	t := b.crowd.play(float64(rate), b.options.hold)
	cpu = b.daemon.cpu() - cpu
	now, err := b.daemon.heap()
	if err != nil {
		return false, err
	}
	calls := max(1, t.completed)
	fmt.Fprintf(b.out, "%5d/s: %s; %.3f ms CPU, %d allocations, %.1f KB a call; added p50 %s, p99 %s; %d MB\n", rate, t,
		float64(cpu.Microseconds())/1000/float64(calls), (now.allocations-before.allocations)/uint64(calls),
		float64(now.bytes-before.bytes)/1024/float64(calls), brief(t.whole.at(500)), brief(t.whole.at(990)), b.daemon.memory()>>20)
	return t.completed == t.offered && t.skipped == 0 && t.crossed == 0 && t.leaks == 0, nil
}

// overload offers twice the rate that was held, and then half of it.
func (b *bench) overload(held int) {
	t := b.crowd.play(float64(2*held), b.options.hold)
	fmt.Fprintf(b.out, "twice that, %d/s: %s; goodput %.0f/s, %.0f %% of what was held; %d MB\n", 2*held, t,
		float64(t.completed)/b.options.hold.Seconds(), 100*float64(t.completed)/b.options.hold.Seconds()/float64(held), b.daemon.memory()>>20)
	time.Sleep(after)
	t = b.crowd.play(float64(held)/2, calmTime)
	fmt.Fprintf(b.out, "%s later, %d/s: %s; p50 %s, p99 %s\n", after, held/2, t, brief(t.whole.at(500)), brief(t.whole.at(990)))
}

// weighed is how many calls are held to see what one takes.
const weighed = 2000

// weigh says how much memory a call takes while it talks, and after its end, by a daemon that
// collects its garbage at once.
func (b *bench) weigh(pairs []pair) error {
	b, err := newBench(b.out, b.options, pairs, "GOGC=5")
	if err != nil {
		return err
	}
	defer b.close()
	b.crowd.play(calmRate, time.Second) // what is made once is made
	time.Sleep(timeout + 8*time.Second)
	var up heap
	before, err := b.daemon.heap()
	if err != nil {
		return err
	}
	b.crowd.talk = timeout + 8*time.Second
	t := b.crowd.playAnd(weighed/4, 4*time.Second, func() {
		time.Sleep(timeout + 2*time.Second) // the INVITE's transactions are over
		up, err = b.daemon.heap()
	})
	if err != nil {
		return err
	}
	if t.completed != t.offered {
		return fmt.Errorf("weigh calls: %s", t)
	}
	ended, err := b.daemon.heap()
	if err != nil {
		return err
	}
	b.crowd.talk = b.options.talk
	time.Sleep(timeout + 2*time.Second)
	b.crowd.play(calmRate, time.Second) // so that the garbage is noticed
	gone, err := b.daemon.heap()
	if err != nil {
		return err
	}
	kb := func(h heap) float64 { return (float64(h.live) - float64(before.live)) / 1024 / weighed }
	fmt.Fprintf(b.out, "memory: %.1f KB a call that talks, %.1f KB one that has just ended, %.1f KB one that ended %s ago\n",
		kb(up), kb(ended), kb(gone), timeout+2*time.Second)
	return nil
}

// String says what became of the calls.
func (t tally) String() string {
	return fmt.Sprintf("%d calls, %d completed, %d shed, %d failed, %d not begun, %d crossed, %d leaks%s, %d messages repeated",
		t.offered, t.completed, t.shed, t.failed, t.skipped, t.crossed, t.leaks, t.leaked, t.repeated)
}

// brief is a duration to the microsecond.
func brief(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
