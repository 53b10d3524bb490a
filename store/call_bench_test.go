package store

import (
	"encoding/binary"
	"syscall"
	"testing"
	"time"

	"maskd/mapping"
)

// ringing and talking are how many calls are at once in either state.
const (
	ringing = 3_000
	talking = 30_000
)

// cdrOf returns the record of the nth call, as it is when that many have begun.
func cdrOf(n, begun int, i *mapping.Interaction) mapping.CDR {
	at := noon.Add(time.Duration(n) * pace)
	var random [10]byte
	binary.BigEndian.PutUint64(random[:], uint64(n))
	c := mapping.CDR{
		Call: mapping.NewID(at, random), Tenant: i.Tenant, Interaction: i.ID, CallerSide: mapping.SideA,
		Caller: i.A.Numbers[0], Target: i.B.Numbers[0], DID: i.A.DID, Shown: i.B.DID,
		TrunkIn: "carrier", TrunkOut: "carrier", AdmittedAt: at, Outcome: mapping.OutcomeLive, Tried: 1,
	}
	if begun-n >= ringing {
		c.AnsweredAt = at.Add(2 * time.Second)
	}
	if begun-n >= ringing+talking {
		c.EndedAt, c.Outcome, c.EndedBy, c.Status = at.Add(22*time.Second), mapping.OutcomeAnswered, mapping.EndedByCaller, 200
	}
	return c
}

// call is what the store has to do with each call: who it is for, and whether that
// is so still once it rings; a record when it begins, and later, when others begin,
// one when it is answered and one when it is over.
func call(b *testing.B, db *DB, all []mapping.Interaction, n int) {
	of := func(n int) *mapping.Interaction { return &all[n%len(all)] }
	i, at := of(n), noon.Add(time.Duration(n)*pace)
	if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], at); refusal != 0 || !db.Live(i.ID, at) {
		b.Fatalf("refused: %s", refusal)
	}
	for _, earlier := range []int{n, n - ringing, n - ringing - talking} {
		if earlier >= 0 {
			db.Record(cdrOf(earlier, n, of(earlier)))
		}
	}
}

// BenchmarkCall measures what a call costs the store, at 1,500 calls a second and
// at as many as it can take: processor time and garbage, the writer's included.
func BenchmarkCall(b *testing.B) {
	_, db := filled(b, million/10)
	defer db.Close()
	all, err := db.Interactions(mapping.ID{}, maxPage)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for ; n < ringing+talking; n++ {
		call(b, db, all, n)
	}
	for name, every := range map[string]time.Duration{"rate=1500": time.Second / 1500, "rate=most": 0} {
		b.Run(name, func(b *testing.B) {
			if err := db.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			spent, begun := processor(b), time.Now()
			for called := range b.N {
				if ahead := time.Duration(called)*every - time.Since(begun); ahead > time.Millisecond {
					time.Sleep(ahead)
				}
				for db.Counts().Queued > maxRecords/8 {
					time.Sleep(time.Millisecond)
				}
				call(b, db, all, n)
				n++
			}
			if err := db.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64((processor(b)-spent).Nanoseconds())/1e3/float64(b.N), "cpu-us/call")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

// processor returns the processor time that the process has had.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
