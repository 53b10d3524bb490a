package store

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"maskd/mapping"
)

func callOf(n byte, i *mapping.Interaction) mapping.CDR {
	return mapping.CDR{
		Call: mapping.NewID(noon, [10]byte{n}), Tenant: i.Tenant, Interaction: i.ID, CallerSide: mapping.SideA,
		Caller: i.A.Numbers[0], Target: i.B.Numbers[0], DID: i.A.DID, Shown: i.B.DID,
		TrunkIn: "carrier", TrunkOut: "carrier", AdmittedAt: noon, Outcome: mapping.OutcomeLive,
	}
}

func flushed(t testing.TB, db *DB) {
	t.Helper()
	if err := db.Flush(t.Context()); err != nil {
		t.Fatalf("flush: %v", err)
	}
}

func readCall(t testing.TB, db *DB, call mapping.ID) mapping.CDR {
	t.Helper()
	c, err := db.CDR(call)
	if err != nil {
		t.Fatalf("read CDR: %v", err)
	}
	return c
}

func TestCDRsOfOneCallReplaceEachOther(t *testing.T) {
	db := newStore(t, 2)
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(1, &i)
	db.Record(c)
	c.AnsweredAt = noon.Add(5 * time.Second)
	db.Record(c)
	flushed(t, db)
	same(t, readCall(t, db, c.Call), c)

	c.EndedAt, c.Outcome, c.EndedBy, c.Status = noon.Add(time.Minute), mapping.OutcomeAnswered, mapping.EndedByCallee, 200
	db.Record(c)
	stranger := mapping.CDR{
		Call: mapping.NewID(noon, [10]byte{2}), Tenant: i.Tenant, Caller: rider(t, 99), DID: i.A.DID, TrunkIn: "carrier", AdmittedAt: noon,
		EndedAt: noon, Outcome: mapping.OutcomeRefused, Refusal: mapping.RefusalUnknown, EndedBy: mapping.EndedByPolicy, Status: 404,
	}
	db.Record(stranger)
	flushed(t, db)

	page, err := db.CDRs(mapping.ID{}, 10)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	same(t, page, []mapping.CDR{c, stranger})
	page, err = db.CDRs(c.Call, 10)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	same(t, page, []mapping.CDR{stranger})
	if _, err := db.CDR(i.ID); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("unknown call: %v", err)
	}
}

func TestCallsThatACrashCutAreInterrupted(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	ringing, talking := callOf(1, &i), callOf(2, &i)
	talking.AnsweredAt = noon.Add(time.Second)
	db.Record(ringing)
	db.Record(talking)
	checkAndClose(t, db)

	db = opened(t, o)
	for _, want := range []mapping.CDR{ringing, talking} {
		want.Outcome, want.EndedBy = mapping.OutcomeInterrupted, mapping.EndedByCrash
		same(t, readCall(t, db, want.Call), want)
	}
}

func TestFullDiskDelaysCDRsAndLosesNone(t *testing.T) {
	disk := newDisk()
	o := optionsIn(t, t.TempDir(), 2)
	var faults atomic.Int32
	o.OnFault = func(error) { faults.Add(1) }
	db := openedOn(t, o, disk)
	i := created(t, db, ride(t, 1, 1), noon)

	disk.full.Store(true)
	c := callOf(1, &i)
	db.Record(c)
	if err := db.Flush(t.Context()); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("flush on a full disk: %v", err)
	}
	if faults.Load() == 0 || db.Counts().Faults == 0 {
		t.Error("nobody heard of the fault")
	}
	disk.full.Store(false)
	flushed(t, db)
	same(t, readCall(t, db, c.Call), c)
}

// Every group that fails to be committed tries its CDRs again: a disk that is
// full for an hour must not be told of a million times.
func TestACDRThatCantBeWrittenIsToldOfOnce(t *testing.T) {
	disk := newDisk()
	o := optionsIn(t, t.TempDir(), 2)
	var told atomic.Int32
	o.OnFault = func(error) { told.Add(1) }
	db := openedOn(t, o, disk)
	i := created(t, db, ride(t, 1, 1), noon)

	disk.full.Store(true)
	for n := range byte(3) {
		db.Record(callOf(n, &i))
		for range 5 { // each tries those that wait once more
			if err := db.Flush(t.Context()); !errors.Is(err, mapping.ErrUnavailable) {
				t.Errorf("flush on a full disk: %v", err)
			}
		}
		same(t, told.Load(), int32(n)+1)
	}
	disk.full.Store(false)
	flushed(t, db)
	same(t, readCall(t, db, callOf(0, &i).Call), callOf(0, &i))
}

func TestRecordNeverWaitsForTheDisk(t *testing.T) {
	disk := newDisk()
	o := optionsIn(t, t.TempDir(), 2)
	var dropped atomic.Int32
	o.OnFault = func(err error) {
		if errors.Is(err, ErrOverflow) {
			dropped.Add(1)
		}
	}
	db := openedOn(t, o, disk)
	i := created(t, db, ride(t, 1, 1), noon)
	resume := disk.stall(t)
	c := callOf(1, &i)
	db.Record(c)
	disk.awaitCommit(t)
	for range maxRecords + 3 {
		db.Record(c)
	}
	same(t, dropped.Load(), int32(3))
	if _, _, err := db.Create(t.Context(), ride(t, 2, 2), noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("create behind a full queue: %v", err)
	}
	resume()
	flushed(t, db)
}
