package store

import (
	"context"
	"sync/atomic"
	"testing"

	"maskd/mapping"
)

// filled makes a store with that many live interactions, no two of which have
// a party in common.
func filled(b *testing.B, live int) (Options, *DB) {
	b.Helper()
	o := optionsIn(b, b.TempDir(), 1000)
	db, err := Open(o, noon)
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	b.SetParallelism(32)
	group := make(chan struct{}, 256)
	for range live {
		group <- struct{}{}
		go func() {
			n := int(next.Add(1))
			if _, _, err := db.Create(context.Background(), ride(b, n, n), noon); err != nil {
				b.Error(err)
			}
			<-group
		}()
	}
	for range cap(group) {
		group <- struct{}{}
	}
	return o, db
}

func BenchmarkResolve(b *testing.B) {
	_, db := filled(b, 50_000)
	defer db.Close()
	page, err := db.Interactions(mapping.ID{}, maxPage)
	if err != nil {
		b.Fatal(err)
	}
	stranger := rider(b, 99_999)
	for name, caller := range map[string]func(*mapping.Interaction) mapping.Number{
		"connects": func(i *mapping.Interaction) mapping.Number { return i.A.Numbers[0] },
		"refused":  func(*mapping.Interaction) mapping.Number { return stranger },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				i := &page[n%len(page)]
				db.Resolve(i.A.DID, caller(i), noon)
			}
		})
	}
}

func BenchmarkCreateBy32(b *testing.B) {
	_, db := filled(b, 0)
	defer db.Close()
	var next atomic.Int64
	b.SetParallelism(16) // times GOMAXPROCS, 2 where the target was set
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1))
			if _, _, err := db.Create(context.Background(), ride(b, n%100_000, n/7%100_000), noon); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

func BenchmarkOpen100k(b *testing.B) {
	o, db := filled(b, 99_000)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := Open(o, noon)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
