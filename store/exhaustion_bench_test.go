package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

// BenchmarkBesideExhaustion measures creates up to their commit, and look-ups, a million live, while
// others create in vain: for a party that has each DID of a large pool, so that each has to be looked at.
func BenchmarkBesideExhaustion(b *testing.B) {
	const dids = 10_000
	o := optionsIn(b, b.TempDir(), dids)
	db, err := Open(o, noon)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	driver := number(b, fmt.Sprintf("+33%010d", 1))
	busy := func(n int) mapping.Draft {
		return mapping.Draft{A: []mapping.Number{driver}, B: []mapping.Number{number(b, fmt.Sprintf("+34%010d", n))}}
	}
	createMany(b, db, million-dids, 4096, func(n int) mapping.Draft { return pairing(b, n) })
	createMany(b, db, dids, 64, busy)
	route, _ := db.Interactions(mapping.ID{}, 1)
	made, pool := million, o.Pools.All()[0]
	for _, others := range []int{0, 1, 8} {
		for what, do := range map[string]func(n int) error{
			"create": func(n int) error {
				d, at := pairing(b, n), noon.Add(time.Duration(n)*pace)
				i, slots, err := db.hold(context.Background(), &d, &pool, mapping.NewID(at, [10]byte{}), at)
				db.alloc.abandon(&i, slots)
				return err
			},
			"look-up": func(int) error {
				db.Resolve(route[0].A.DID, route[0].A.Numbers[0], noon)
				return nil
			},
		} {
			b.Run(fmt.Sprintf("%s/beside=%d", what, others), func(b *testing.B) {
				ctx, stop := context.WithCancel(context.Background())
				var failing sync.WaitGroup
				for range others {
					failing.Go(func() {
						for n := dids; ctx.Err() == nil; n++ {
							if _, _, err := db.Create(ctx, busy(n), noon); err == nil {
								b.Error("there was a DID")
							}
						}
					})
				}
				took := make([]time.Duration, 0, 1<<16)
				for b.Loop() {
					made++
					begun := time.Now()
					if err := do(made); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(begun))
				}
				stop()
				failing.Wait()
				percentiles(b, took)
			})
		}
	}
}
