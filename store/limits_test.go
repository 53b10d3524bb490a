package store

import (
	"testing"
	"time"

	"maskd/mapping"
)

func TestAnInteractionHasSoManyCallsInAll(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{})
	d := lastRide(t)
	d.Limits.Calls = 2
	i := created(t, db, d, noon)
	talked(t, db, 1, &i, noon, noon)
	db = reopened(t, o, db)
	reaches(t, db, &i, noon, 0)
	talked(t, db, 2, &i, noon, noon)
	for range 2 {
		reaches(t, db, &i, noon, mapping.RefusalSpent)
		db = reopened(t, o, db)
	}
	more := 3
	if _, err := db.Revise(t.Context(), i.ID, mapping.Revision{Calls: &more}, noon); err != nil {
		t.Fatal(err)
	}
	reaches(t, db, &i, noon, 0)
	checkAndClose(t, db)
}

// A call counts from the instant at which it is over, not only once the disk
// has it: the writer is stopped before it can.
func TestACallCountsBeforeItIsCommitted(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.Limits.Calls = 1
	i := created(t, db, d, noon)
	c := callOf(1, &i)
	c.AnsweredAt, c.EndedAt, c.Outcome = noon, noon, mapping.OutcomeAnswered
	stop := make(chan struct{})
	if !db.writer.queue.push(&pause{until: stop}, noLimit) {
		t.Fatal("not queued")
	}
	db.Record(c)
	db.Record(c) // and once only
	reaches(t, db, &i, noon, mapping.RefusalSpent)
	same(t, pending(db, i.ID), 1)
	close(stop)
	flushed(t, db)
	reaches(t, db, &i, noon, mapping.RefusalSpent)
	same(t, pending(db, i.ID), 0)
}

// It counts on while the record of its answer is committed, which says nothing of its end.
func TestACallCountsThoughItsAnswerIsCommitted(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.Limits.Calls = 1
	i := created(t, db, d, noon)
	c := callOf(1, &i)
	c.AnsweredAt = noon
	hold := func(writes ...mapping.CDR) *pause {
		p := &pause{begun: make(chan struct{}), until: make(chan struct{})}
		for _, write := range writes {
			db.Record(write)
		}
		if !db.writer.queue.push(p, noLimit) {
			t.Fatal("not queued")
		}
		return p
	}
	before := hold()
	<-before.begun
	answer := hold(c) // in one commit
	close(before.until)
	<-answer.begun
	c.EndedAt, c.Outcome = noon, mapping.OutcomeAnswered
	end := hold(c)
	close(answer.until)
	<-end.begun
	reaches(t, db, &i, noon, mapping.RefusalSpent)
	close(end.until)
	flushed(t, db)
	reaches(t, db, &i, noon, mapping.RefusalSpent)
	same(t, pending(db, i.ID), 0)
}

// pending is how many calls the record does not have yet.
func pending(db *DB, id mapping.ID) int {
	t, _ := db.uncounted.count(id)
	return t.All
}

// pause is a change that holds the writer up, and says when it does.
type pause struct{ begun, until chan struct{} }

func (p *pause) apply(*txn) error {
	if p.begun != nil {
		close(p.begun)
	}
	<-p.until
	return nil
}

func (p *pause) settle(error) {}

// A call that was answered and that a crash cut is one of those it may have.
func TestACallThatACrashCutsCountsInAll(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{})
	d := lastRide(t)
	d.Limits.Calls = 1
	i := created(t, db, d, noon)
	db.Record(callOf(1, &i)) // this one only rang
	c := callOf(2, &i)
	c.AnsweredAt = noon
	db.Record(c)
	flushed(t, db)
	reaches(t, db, &i, noon, 0)
	for range 2 { // and once only
		db = reopened(t, o, db)
		reaches(t, db, &i, noon, mapping.RefusalSpent)
	}
	read, err := db.Interaction(i.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, read.Calls.All, 1)
	checkAndClose(t, db)
}

func TestARecordThatCanNeverBeWrittenIsNotWaitedFor(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 1)
	o.OnFault = func(error) {}
	db := opened(t, o)
	c := mapping.CDR{Call: mapping.NewID(noon, [10]byte{1}), Interaction: mapping.NewID(noon, [10]byte{2}),
		AnsweredAt: noon, EndedAt: noon, Outcome: mapping.OutcomeAnswered}
	db.Record(c)
	flushed(t, db)
	same(t, pending(db, c.Interaction), 0)
}

func TestDoNotDisturb(t *testing.T) {
	o, db := policed(t, 2, mapping.Policy{})
	i := created(t, db, ride(t, 1, 1), noon)
	quiet := true
	revised, err := db.Revise(t.Context(), i.ID, mapping.Revision{B: mapping.PartyRevision{Quiet: &quiet}}, noon)
	if err != nil || !revised.B.Quiet {
		t.Fatalf("revised: %v, quiet %t", err, revised.B.Quiet)
	}
	for range 2 {
		same(t, decided(db, &i), [2]mapping.Refusal{mapping.RefusalQuiet, 0})
		db = reopened(t, o, db)
	}
	checkAndClose(t, db)
}

func TestARouteSaysWhatBoundsTheCall(t *testing.T) {
	_, db := policed(t, 2, mapping.Policy{CallTime: time.Hour, Warn: []time.Duration{time.Minute}, AtOnce: 1, AtOnceNumber: 2})
	i := created(t, db, ride(t, 1, 1), noon)
	route, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon)
	if refusal != 0 {
		t.Fatal(refusal)
	}
	same(t, route.Limits, mapping.Limits{CallTime: time.Hour, Warn: []time.Duration{time.Minute}, Warned: mapping.AudienceBoth, AtOnce: 1})
	same(t, route.Quotas, []mapping.Quota{
		{Of: mapping.Common{Interaction: i.ID}, Most: 1, Refusal: mapping.RefusalBusy},
		{Of: mapping.Common{Number: i.A.Numbers[0], Tenant: i.Tenant}, Most: 2, Refusal: mapping.RefusalBusy},
		{Of: mapping.Common{Number: i.B.Numbers[0], Tenant: i.Tenant}, Most: 2, Refusal: mapping.RefusalBusy},
	})
	checkAndClose(t, db)
}
