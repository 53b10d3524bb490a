package store

import (
	"os"
	"testing"
	"time"

	"maskd/mapping"
)

// crowd is how many live interactions a large node has.
const crowd = 10 * million

// BenchmarkTenMillion fills a store with ten million live interactions, starts
// it anew, and looks up those that connect, each record read and unsealed. It
// takes minutes: make bench-store-large.
func BenchmarkTenMillion(b *testing.B) {
	for range b.N {
		begun := time.Now()
		o, db := filled(b, crowd)
		b.ReportMetric(crowd/time.Since(begun).Seconds(), "creates/s")
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		db = nil // it is not to be counted as memory before the start
		info, err := os.Stat(o.Path)
		if err != nil {
			b.Fatal(err)
		}
		before := heap()
		begun = time.Now()
		if db, err = Open(o, noon); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/start")
		b.ReportMetric(float64(heap()-before)/crowd, "B-memory/each")
		b.ReportMetric(float64(info.Size())/crowd, "B-disk/each")
		if live := db.Counts().Live; live != crowd {
			b.Errorf("%d are live", live)
		}
		lookUps(b, db)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// lookUps times look-ups of interactions from all over, and of each once: what
// was just read is no measure.
func lookUps(b *testing.B, db *DB) {
	b.Helper()
	const seen = 100_000
	all := make([]mapping.Interaction, 0, seen)
	for n := 0; n < crowd; n += crowd / seen {
		one, err := db.Interactions(mapping.NewID(noon.Add(time.Duration(n)*pace), [10]byte{}), 1)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, one...)
	}
	took := make([]time.Duration, 0, len(all))
	for n := range all {
		i := &all[(n*7919)%len(all)] // in no order
		start := time.Now()
		if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal != 0 {
			b.Fatalf("refused: %s", refusal)
		}
		took = append(took, time.Since(start))
	}
	percentiles(b, took)
}
