//go:build linux

package main

import (
	"fmt"
	"io"
	"time"
)

// people is how many pairs there are: more than can talk at once.
const people = 16_000

func measure(out io.Writer, o options) error {
	pairs := newPairs(people)
	c, err := newCrowd(pairs)
	if err != nil {
		return err
	}
	defer c.close()
	d, err := startDaemon(o.program)
	if err != nil {
		return err
	}
	defer d.stop()
	if err := d.connect(pairs); err != nil {
		return err
	}
	fmt.Fprintf(out, "maskd alone on processor %d, %d interactions, load %s\n", daemonCPU, people, load())
	for k := range o.steps {
		rate := o.lowest + k*o.step
		cpu, start := d.cpu(), time.Now()
		t := c.play(float64(rate), o.hold)
		_ = start
		fmt.Fprintf(out, "%s\n", tail(d.log.Bytes()))
		d.log.Reset()
		fmt.Fprintf(out, "%6d/s: offered %d completed %d shed %d failed %d skipped %d repeated %d crossed %d leaks %d %v  cpu %v/call rss %d MB  out p50 %v p99 %v  back p50 %v p99 %v whole p50 %v p99 %v\n",
			rate, t.offered, t.completed, t.shed, t.failed, t.skipped, t.repeated, t.crossed, t.leaks, t.codes, (d.cpu()-cpu)/time.Duration(max(1, t.completed)), d.memory()>>20,
			t.toCallee.at(500), t.toCallee.at(990), t.toCaller.at(500), t.toCaller.at(990), t.whole.at(500), t.whole.at(990))
	}
	return nil
}

func tail(b []byte) []byte {
	if len(b) > 1500 {
		return b[len(b)-1500:]
	}
	return b
}
