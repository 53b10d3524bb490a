package store

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
)

// urgent is a change that somebody waits for.
type urgent struct{}

func (urgent) apply(*txn) error { return nil }
func (urgent) settle(error)     {}

func patientOne(n byte) *recording {
	return &recording{db: &DB{recordings: new(sync.Pool)}, cdr: mapping.CDR{Call: mapping.ID{n}}}
}

func TestRecordsWaitForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		go func() {
			for n := range byte(10) {
				q.push(patientOne(n), maxRecords)
				time.Sleep(lull / 15)
			}
		}()
		group, _ := q.take()
		if waited := time.Since(began); len(group) != 10 || waited != lull+hush {
			t.Errorf("%d records are taken after %s", len(group), waited)
		}
		q.close()
	})
}

// A commit begins when no record has come for a moment: those of a call that is being set
// up come into one.
func TestRecordsAreTakenInAHush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		go func() {
			q.push(patientOne(0), maxRecords)
			time.Sleep(lull - hush/2)
			for n := range byte(4) {
				q.push(patientOne(n), maxRecords)
				time.Sleep(hush * 3 / 4)
			}
		}()
		group, _ := q.take()
		if waited := time.Since(began); len(group) != 5 || waited != lull+3*hush {
			t.Errorf("%d records are taken after %s", len(group), waited)
		}
		q.close()
	})
}

// Where there is none they don't wait for it, nor for long once they are many.
func TestManyRecordsWaitForNoHush(t *testing.T) {
	for name, c := range map[string]struct{ gap, begins time.Duration }{
		"few at a time": {hush * 9 / 10, lull},
		"many at once":  {hush / sheaf, hush},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, began := newQueue(), time.Now()
				var all sync.WaitGroup
				all.Go(func() {
					for n := range 4 * sheaf {
						q.push(patientOne(byte(n)), maxRecords)
						time.Sleep(c.gap)
					}
				})
				group, _ := q.take()
				if waited := time.Since(began); waited > c.begins+(hushes+2)*hush {
					t.Errorf("%d records are taken after %s", len(group), waited)
				}
				all.Wait()
				q.close()
			})
		})
	}
}

// Who waits for an answer does not wait for records.
func TestOneInAHurryWaitsForNoRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		go func() {
			q.push(patientOne(1), maxRecords)
			time.Sleep(lull / 4)
			q.push(urgent{}, maxCreates)
		}()
		group, _ := q.take()
		if waited := time.Since(began); len(group) != 2 || waited != lull/4 {
			t.Errorf("%d changes are taken after %s", len(group), waited)
		}
		q.close()
	})
}

// Who prepares a change comes into the group that is taken meanwhile.
func TestWhoIsExpectedComesIntoTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		for n := range 10 {
			q.expect()
			go func() {
				defer q.arrive()
				time.Sleep(time.Duration(n) * patience / 10)
				if n%2 == 0 { // the others could not be prepared
					q.push(urgent{}, maxCreates)
				}
			}()
		}
		q.push(urgent{}, maxCreates)
		group, _ := q.take()
		if waited := time.Since(began); len(group) != 6 || waited != 9*patience/10 {
			t.Errorf("%d changes are taken after %s", len(group), waited)
		}
		q.close()
	})
}

// There is always somebody who is about to come: enough is enough.
func TestACrowdWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		q.expect()
		go func() {
			for range company {
				time.Sleep(patience / (2 * company))
				q.push(urgent{}, maxCreates)
			}
		}()
		group, _ := q.take()
		if waited := time.Since(began); len(group) != company || waited > patience/2 {
			t.Errorf("%d changes are taken after %s", len(group), waited)
		}
		q.close()
	})
}

// Creates that can't be prepared, one after the other, bring nothing and hold nobody up.
func TestWhoBringsNothingHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		q.expect()
		q.push(urgent{}, maxCreates)
		var others sync.WaitGroup
		others.Go(func() {
			for range 4 * company {
				q.expect()
				time.Sleep(patience / (4 * company))
				q.arrive()
			}
			q.arrive()
		})
		group, _ := q.take()
		if waited := time.Since(began); len(group) != 1 || waited > patience/2 {
			t.Errorf("%d changes are taken after %s", len(group), waited)
		}
		others.Wait()
		q.close()
	})
}

// Nor do those who are slow: of a pool that has no DID a create finds that late.
func TestNobodyWaitsForLongForWhoIsExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var others sync.WaitGroup
		for range 4 {
			q.expect()
			others.Go(func() { time.Sleep(time.Second); q.arrive() })
		}
		for range 3 {
			began := time.Now()
			q.push(urgent{}, maxCreates)
			group, _ := q.take()
			if waited := time.Since(began); len(group) != 1 || waited != patience {
				t.Errorf("%d changes are taken after %s", len(group), waited)
			}
		}
		others.Wait()
		q.close()
	})
}

func TestACloseWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, began := newQueue(), time.Now()
		q.push(patientOne(1), maxRecords)
		q.close()
		if group, more := q.take(); len(group) != 1 || more || time.Since(began) != 0 {
			t.Errorf("%d changes after %s, more %v", len(group), time.Since(began), more)
		}
	})
}

func TestTheLatestRecordOfACallIsWritten(t *testing.T) {
	first, again, other := patientOne(1), patientOne(1), patientOne(2)
	got := latest([]change{first, urgent{}, other, again})
	if want := []change{urgent{}, other, again}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%d changes of a group are left", len(got))
	}
}
