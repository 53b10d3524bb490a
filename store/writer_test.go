package store

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"maskd/mapping"
)

// With one processor, who is ready to run does so while a group is written that nobody waits
// for, of two times that he may at the latest (each 61st the runtime gives to who yields): a change
// of that group finds that he did.
func TestAGroupThatNobodyWaitsForLetsOthersRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	db := newStore(t, 1)
	var ran atomic.Bool
	found := make(chan bool)
	q := db.writer.queue
	q.push(glance(func() { go ran.Store(true) }), maxRecords)
	for range 2 * spell {
		q.push(glance(func() {}), maxRecords)
	}
	q.push(glance(func() { found <- ran.Load() }), maxRecords)
	signal(q.wake)
	if !<-found {
		t.Error("nobody else has run")
	}
}

// glance is a change of nothing that nobody waits for.
type glance func()

func (glance) patient() bool      { return true }
func (g glance) apply(*txn) error { g(); return nil }
func (glance) settle(error)       {}

func TestFullDiskFailsCreatesAndRecovers(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	before := created(t, db, lastRide(t), noon)
	next := ride(t, 2, 2)
	next.Numbering = mapping.NumberingShared

	disk.full.Store(true)
	if _, _, err := db.Create(t.Context(), next, noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("create on a full disk: %v", err)
	}
	if _, refusal := db.Resolve(before.A.DID, rider(t, 1), noon); refusal != 0 {
		t.Errorf("calls don't go on: refusal %q", refusal)
	}
	disk.full.Store(false)
	created(t, db, next, noon) // its only DID was given back
	same(t, db.Counts().Live, 2)
}

func TestFailedCompleteStaysHiddenAndCanBeRetried(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	i := created(t, db, lastRide(t), noon)

	disk.full.Store(true)
	if _, err := db.Complete(t.Context(), i.ID, "", noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("complete on a full disk: %v", err)
	}
	if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon); refusal != mapping.RefusalUnknown {
		t.Errorf("after the failed complete: refusal %q", refusal)
	}
	disk.full.Store(false)
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), lastRide(t), noon); !errors.As(err, &exhausted) {
		t.Errorf("its DIDs were given out though its record is live: %v", err)
	}
	completed(t, db, i.ID)
	created(t, db, lastRide(t), noon)
}

// A commit that fails after its last page was written may be on the disk: the
// DIDs in it must not be given out again by a process that does not know.
func TestCommitInDoubtStopsWritingUntilRestart(t *testing.T) {
	disk := newDisk()
	o := optionsIn(t, t.TempDir(), 1)
	db, err := open(o, noon, disk.commit)
	if err != nil {
		t.Fatal(err)
	}
	disk.lying.Store(true)
	if _, _, err := db.Create(t.Context(), lastRide(t), noon); !errors.Is(err, errInDoubt) {
		t.Errorf("create: %v", err)
	}
	disk.lying.Store(false)
	other := ride(t, 2, 2)
	other.Numbering = mapping.NumberingShared
	if _, _, err := db.Create(t.Context(), other, noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("create after the doubt: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	db = opened(t, o)
	same(t, db.Counts().Live, 1)
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), lastRide(t), noon); !errors.As(err, &exhausted) {
		t.Errorf("the keys of the record that was in doubt were given out: %v", err)
	}
}

// poison can't be applied, after it has written half of itself.
type poison struct{ done answer }

var errPoison = errors.New("poison")

func (p *poison) apply(t *txn) error {
	if err := t.put(bucketExternal, []byte("half"), nil); err != nil {
		return err
	}
	return errPoison
}

func (p *poison) settle(err error) { p.done <- err }

func TestFailedChangeTakesNoOtherDown(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 10), disk)
	created(t, db, ride(t, 100, 100), noon)

	resume := disk.stall(t)
	var wait sync.WaitGroup
	var poisoned atomic.Int32
	wait.Go(func() { created(t, db, ride(t, 0, 0), noon) })
	disk.awaitCommit(t) // what follows makes one group
	for n := 1; n <= 5; n++ {
		wait.Go(func() { created(t, db, ride(t, n, n), noon) })
		wait.Go(func() {
			p := &poison{done: newAnswer()}
			if _, err := db.submit(t.Context(), p, noLimit, p.done); errors.Is(err, errPoison) {
				poisoned.Add(1)
			}
		})
	}
	for db.writer.queue.length() < 10 {
		runtime.Gosched()
	}
	resume()
	wait.Wait()
	same(t, poisoned.Load(), int32(5))
	same(t, db.Counts().Live, 7)
}

// settlings counts how often it is settled.
type settlings struct{ done answer }

func (s *settlings) apply(*txn) error { return nil }
func (s *settlings) settle(err error) { s.done <- err }

// What a change has done to memory is done once: a second time it would give away what is another's by
// then, and nobody waits for a second answer.
func TestAChangeIsSettledOnce(t *testing.T) {
	one, other := &settlings{make(answer, 9)}, &settlings{make(answer, 9)}
	group := []change{one, other}
	settleOne(&group[1], nil)
	settle(group, nil)
	settle(group, mapping.ErrUnavailable)
	if len(one.done) != 1 || len(other.done) != 1 || <-one.done != nil {
		t.Errorf("settled %d and %d times", len(one.done), len(other.done))
	}
	answered := newAnswer()
	answered.give(nil)
	answered.give(mapping.ErrUnavailable) // which waits for nobody
	if err := answered.await(t.Context()); err != nil {
		t.Errorf("answered %v", err)
	}
}
