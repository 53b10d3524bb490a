package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// million is how many live interactions the figures are given for.
const million = 1_000_000

// pace is what lies between two creates of a benchmark by their own clock: ids
// ascend as they do in life.
const pace = 25 * time.Microsecond

// pairing is the draft of the nth interaction: no two have a party in common.
func pairing(b *testing.B, n int) mapping.Draft {
	return mapping.Draft{
		A: []mapping.Number{number(b, fmt.Sprintf("+91%010d", n))},
		B: []mapping.Number{number(b, fmt.Sprintf("+44%010d", n))},
	}
}

// createMany creates that many interactions with that many callers at once, and
// returns how long each create took.
func createMany(b *testing.B, db *DB, total, callers int, draft func(n int) mapping.Draft) []time.Duration {
	b.Helper()
	took := make([]time.Duration, total)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for n := int(next.Add(1)) - 1; n < total; n = int(next.Add(1)) - 1 {
				d, at := draft(n), noon.Add(time.Duration(n)*pace)
				start := time.Now()
				if _, _, err := db.Create(context.Background(), d, at); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wait.Wait()
	return took
}

// percentiles reports the median and the 99th percentile, in microseconds.
func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		at := took[min(len(took)*p/100, len(took)-1)]
		b.ReportMetric(float64(at.Nanoseconds())/1e3, fmt.Sprintf("p%d-us", p))
	}
}

// filled makes a store with that many live interactions.
func filled(b *testing.B, live int) (Options, *DB) {
	b.Helper()
	o := optionsIn(b, b.TempDir(), 1000)
	db, err := Open(o, noon)
	if err != nil {
		b.Fatal(err)
	}
	createMany(b, db, live, 4096, func(n int) mapping.Draft { return pairing(b, n) })
	return o, db
}

// BenchmarkDisk measures what every commit waits for, twice: a page written
// and synced, in the file system of the stores below.
func BenchmarkDisk(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "page"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, os.Getpagesize())
	for name, at := range map[string]func(n int) int64{
		"overwrite": func(int) int64 { return 0 },
		"append":    func(n int) int64 { return int64(n) * int64(len(page)) },
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				start := time.Now()
				if _, err := f.WriteAt(page, at(n)); err != nil {
					b.Fatal(err)
				}
				if err := syscall.Fdatasync(int(f.Fd())); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			percentiles(b, took)
		})
	}
}

// sample returns live interactions from all over a million: one in a hundred,
// so that neither their records nor their slots are at hand.
func sample(b *testing.B, db *DB) (all []mapping.Interaction) {
	b.Helper()
	for n := 0; n < million; n += 100 {
		one, err := db.Interactions(mapping.NewID(noon.Add(time.Duration(n)*pace), [10]byte{}), 1)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, one...)
	}
	return all
}

func BenchmarkResolve(b *testing.B) {
	_, db := filled(b, million)
	defer db.Close()
	all := sample(b, db)
	stranger := rider(b, 99_999)
	for name, caller := range map[string]func(*mapping.Interaction) mapping.Number{
		"connects": func(i *mapping.Interaction) mapping.Number { return i.A.Numbers[0] },
		"refused":  func(*mapping.Interaction) mapping.Number { return stranger },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			took := make([]time.Duration, 0, 1<<20)
			for n := 0; b.Loop(); n++ {
				i := &all[n%len(all)]
				start := time.Now()
				db.Resolve(i.A.DID, caller(i), noon)
				took = append(took, time.Since(start))
			}
			percentiles(b, took)
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	for _, callers := range []int{1, 32, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			o := optionsIn(b, b.TempDir(), 1000)
			var commits int // the writer's, until the store is closed
			var disk time.Duration
			db, err := open(o, noon, func(tx *bolt.Tx) error {
				start := time.Now()
				defer func() { commits, disk = commits+1, disk+time.Since(start) }()
				return tx.Commit()
			})
			if err != nil {
				b.Fatal(err)
			}
			drafts := make([]mapping.Draft, b.N) // to read their numbers takes as long as to create them
			for n := range drafts {
				drafts[n] = pairing(b, n)
			}
			b.ReportAllocs()
			b.ResetTimer()
			took := createMany(b, db, b.N, callers, func(n int) mapping.Draft { return drafts[n] })
			b.StopTimer()
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
			b.ReportMetric(float64(b.N)/float64(commits), "creates/commit")
			b.ReportMetric(float64(disk.Microseconds())/float64(commits), "us/commit")
			percentiles(b, took)
		})
	}
}

// BenchmarkOpenMillion starts with a million live interactions, and reports
// what each takes in memory and on disk.
func BenchmarkOpenMillion(b *testing.B) {
	o, db := filled(b, million)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	db = nil // it is not to be counted as memory before the start
	info, err := os.Stat(o.Path)
	if err != nil {
		b.Fatal(err)
	}
	before := heap()
	var grown uint64
	for b.Loop() {
		db, err := Open(o, noon)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		grown = heap() - before
		if live := db.Counts().Live; live != million {
			b.Errorf("%d are live", live)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/start")
	b.ReportMetric(float64(grown)/million, "B-memory/each")
	b.ReportMetric(float64(info.Size())/million, "B-disk/each")
}

// heap returns the bytes in use once nothing is left to collect.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
