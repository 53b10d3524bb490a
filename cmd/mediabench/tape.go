//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// taping is one try: calls that are recorded, or the same that are not.
type taping struct {
	lost                       int
	median, slow, rare, latest float64 // microseconds that packets take: 500, 990, 999 and all of 1,000
	own                        float64 // percent of a processor that the process takes
	harvest
}

// roles are tried in turn, so that what else the machine does is in both.
func roles() [2]string { return [2]string{"plainly", "recorded"} }

// measureRecording measures what calls that are recorded take of a packet's time: where the daemon
// may use all processors, and the traffic takes as little of one as it can; and where mover,
// recordings and disk have one.
func measureRecording(out io.Writer, dir string) error {
	dir, err := os.MkdirTemp(dir, "recordings")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, spread := range []bool{true, false} {
		if err := measureTaping(out, dir, spread); err != nil {
			return err
		}
	}
	return nil
}

func measureTaping(out io.Writer, dir string, spread bool) error {
	b, err := makeBed()
	if err != nil {
		return fmt.Errorf("make test bed: %w", err)
	}
	defer b.remove()
	b.spread = spread
	b.guard()
	t, err := openPhones(b, calls)
	if err != nil {
		return fmt.Errorf("open phones: %w", err)
	}
	defer t.close()
	where := fmt.Sprintf("mover, recordings and disk on processor %d", moverCPU)
	if spread {
		where = fmt.Sprintf("mover, recordings and disk on all %d processors, the traffic on processor %d too", runtime.NumCPU(), trafficCPU)
	}
	fmt.Fprintf(out, "%d calls of G.711 over %s; %s; load %s\n\n", calls, b.name, where, load())
	fmt.Fprintln(out, "                lost   p50 us   p99 us   p99.9 us   max us   own %")
	tries := make(map[string][]taping)
	for try := range tapedTries {
		for _, role := range roles() {
			got, err := tape(b, t, role, filepath.Join(dir, fmt.Sprint(role, try, spread)))
			if err != nil {
				return err
			}
			got.print(out, role)
			tries[role] = append(tries[role], got)
		}
	}
	printCost(out, tries)
	return nil
}

// tape measures one try.
func tape(b *bed, t *traffic, role, dir string) (got taping, err error) {
	c, err := launch(b, task{Listen: b.mover, Calls: t.calls()}, "-to", dir, role)
	if err != nil {
		return got, err
	}
	defer c.close()
	if err := t.aim(c.To); err != nil {
		return got, err
	}
	send := t.send
	if b.spread {
		send = t.pace
	}
	send(tapedRate, warming)
	time.Sleep(settling)
	t.listen()
	own, start := used(c.pid), time.Now()
	sent := send(tapedRate, taped)
	got.own = 100 * (used(c.pid) - own) / time.Since(start).Seconds()
	time.Sleep(settling)
	h := t.listen()
	got.lost = sent - h.packets
	got.median, got.slow, got.rare, got.latest = h.at(500), h.at(990), h.at(999), h.at(1000)
	return got, c.end(&got.harvest)
}

func (g taping) print(out io.Writer, role string) {
	fmt.Fprintf(out, "%-12s %7d %8.1f %8.1f %10.1f %8.0f %7.1f\n", role, g.lost, g.median, g.slow, g.rare, g.latest, g.own)
	if g.Recordings > 0 {
		fmt.Fprintf(out, "             %d recordings in %d files, %.1f MB a second; %d packets dropped, %d late, %d failed\n",
			g.Recordings, g.Files, float64(g.Bytes>>20)/(warming+taped).Seconds(), g.Dropped, g.Late, g.Failed)
	}
}

// printCost compares the middle ones of both.
func printCost(out io.Writer, tries map[string][]taping) {
	cost := func(of func(taping) float64) float64 {
		var middle [2]float64
		for i, role := range roles() {
			values := make([]float64, 0, tapedTries)
			for _, g := range tries[role] {
				values = append(values, of(g))
			}
			slices.Sort(values)
			middle[i] = values[len(values)/2]
		}
		return middle[1] - middle[0]
	}
	fmt.Fprintf(out, "recording costs, by the middle ones: p50 %+.1f us, p99 %+.1f us, %+.1f %% of a processor\n\n",
		cost(func(g taping) float64 { return g.median }), cost(func(g taping) float64 { return g.slow }), cost(func(g taping) float64 { return g.own }))
}
