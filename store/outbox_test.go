package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// eventsOf returns all events of the default tenant that are kept.
func eventsOf(t testing.TB, db *DB) []mapping.Event {
	t.Helper()
	return tenantsEvents(t, db, mapping.DefaultTenant)
}

func tenantsEvents(t testing.TB, db *DB, of mapping.Tenant) (all []mapping.Event) {
	t.Helper()
	oldest, next, err := db.EventRange(of)
	if err != nil {
		t.Fatal(err)
	}
	for after := oldest - 1; after+1 < next; after = all[len(all)-1].Seq {
		page, err := db.Events(of, after, maxPage)
		if err != nil {
			t.Fatalf("events after %d: %v", after, err)
		}
		all = append(all, page...)
	}
	names := make(map[mapping.ID]bool)
	for n, e := range all {
		if e.Seq != oldest+uint64(n) || names[e.ID] || e.Tenant != of {
			t.Fatalf("the %dth event from %d on is %+v", n, oldest, e)
		}
		names[e.ID] = true
	}
	return all
}

// gist is an event as a line of a test.
func gist(e mapping.Event) string {
	text := fmt.Sprintf("%s %s", e.At.Sub(noon), e.Type)
	if !e.Call.IsZero() {
		text += fmt.Sprintf(" %s %s", e.DID, e.CallerSide)
	}
	if e.Outcome != 0 {
		text += fmt.Sprintf(" %s by %s after %s", e.Outcome, e.EndedBy, e.Talked)
	}
	if e.Standing != 0 {
		text += fmt.Sprintf(" %s %s in %s", e.DID, e.Standing, e.Pool)
	}
	if !e.Until.IsZero() {
		text += " until " + e.Until.Sub(noon).String()
	}
	return text
}

func expectGist(t *testing.T, events []mapping.Event, want string) {
	t.Helper()
	var lines []string
	for _, e := range events {
		lines = append(lines, gist(e))
	}
	if got, want := strings.Join(lines, "\n"), strings.ReplaceAll(strings.TrimSpace(want), "\t", ""); got != want {
		t.Errorf("told\n%s\n\nnot\n%s", got, want)
	}
}

// Every change that an integrator is told of, and a call from its beginning to its
// end.
func TestEveryChangeTellsItsEvent(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	o.Pools = policedPool(t, 2, mapping.Policy{CoolDown: time.Hour})
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	d := ride(t, 1, 1)
	d.TTL, d.Life.Expiry, d.Life.Callback = time.Hour, mapping.ExpirySliding, 10*time.Minute
	i := created(t, db, d, noon)
	call := callOf(1, &i)
	call.AdmittedAt, call.AnsweredAt, call.EndedAt, call.Outcome = minute(1), time.Time{}, time.Time{}, mapping.OutcomeLive
	call.EndedBy = 0
	record := func(c mapping.CDR) { db.Record(c); flushed(t, db) }
	record(call)
	record(call) // again: nothing new
	call.AnsweredAt = minute(2)
	record(call)
	call.EndedAt, call.Outcome, call.EndedBy = minute(5), mapping.OutcomeAnswered, mapping.EndedByCaller
	record(call)
	record(call)
	nobodys := mapping.CDR{Call: mapping.NewID(noon, [10]byte{9}), DID: i.A.DID, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused}
	record(nobodys)
	for _, err := range []error{
		second(db.Extend(t.Context(), i.ID, mapping.Extension{TTL: 2 * time.Hour}, minute(6))),
		second(db.Complete(t.Context(), i.ID, "over", minute(7))),
		second(db.Complete(t.Context(), i.ID, "really", minute(8))),
		second(db.Complete(t.Context(), i.ID, "again", minute(9))), // changes nothing
		second(db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, minute(10))),
		second(db.Instruct(t.Context(), i.B.DID, mapping.Order{Standing: mapping.StandingQuarantined, Until: minute(60)}, minute(11))),
		second(db.Hold(t.Context(), i.ID, mapping.HoldHouse, minute(12))), // nobody's business
		second(db.Release(t.Context(), i.ID, mapping.HoldHouse, minute(12))),
		second(db.Erase(t.Context(), i.ID, minute(13))),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := fmt.Sprintf(`
	0s interaction.created
	1m0s call.started %[1]s a
	2m0s call.answered %[1]s a
	2m0s interaction.extended until 1h2m0s
	5m0s call.ended %[1]s a answered by caller after 3m0s
	6m0s interaction.extended until 2h6m0s
	7m0s interaction.completed until 17m0s
	8m0s interaction.completed
	10m0s interaction.reopened until 1h10m0s
	11m0s number.changed %[2]s quarantined in default until 1h0m0s
	13m0s interaction.erased`, i.A.DID, i.B.DID)
	events := eventsOf(t, db)
	expectGist(t, events, want)
	for _, e := range events {
		if e.Type != mapping.EventNumberChanged && e.Interaction != i.ID {
			t.Errorf("%s is of %s", e.Type, e.Interaction.Text(mapping.KindInteraction))
		}
	}
	db = reopened(t, o, db)
	defer checkAndClose(t, db)
	same(t, eventsOf(t, db), events)
}

// Records of a call that share a commit leave out none of what happened.
func TestACallThatIsWrittenOnceTellsAll(t *testing.T) {
	db := newStore(t, 4)
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(1, &i)
	c.AdmittedAt, c.AnsweredAt, c.EndedAt, c.Outcome, c.EndedBy = noon, noon, noon.Add(time.Second), mapping.OutcomeAnswered, mapping.EndedByComplete
	db.Record(c)
	flushed(t, db)
	expectGist(t, eventsOf(t, db)[1:], fmt.Sprintf(`
	0s call.started %[1]s a
	0s call.answered %[1]s a
	1s call.ended %[1]s a answered by complete after 1s`, i.A.DID))
}

// A call that a crash cut ends when that is found out, once.
func TestACallThatACrashCutIsTold(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(1, &i)
	c.AdmittedAt, c.AnsweredAt, c.EndedAt, c.Outcome = noon, noon, time.Time{}, mapping.OutcomeLive
	db.Record(c)
	db = reopened(t, o, db)
	expectGist(t, eventsOf(t, db)[3:], fmt.Sprintf("0s call.ended %s a interrupted by crash after 0s", i.A.DID))
	db = reopened(t, o, db)
	defer checkAndClose(t, db)
	if len(eventsOf(t, db)) != 4 {
		t.Error("it is told again")
	}
}

// What is not committed is not told, and leaves no gap.
func TestACommitThatFailsTellsNothing(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 9), disk)
	one := created(t, db, ride(t, 1, 1), noon)
	disk.full.Store(true)
	if _, _, err := db.Create(t.Context(), ride(t, 2, 2), noon); err == nil {
		t.Fatal("it was made")
	}
	disk.full.Store(false)
	two := created(t, db, ride(t, 3, 3), noon)
	var made []mapping.ID
	for _, e := range eventsOf(t, db) {
		made = append(made, e.Interaction)
	}
	same(t, made, []mapping.ID{one.ID, two.ID})
}

// together has the writer take changes as one group.
func together(db *DB, group ...change) {
	q := db.writer.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, group...)
	signal(q.wake)
}

// A change that can't be applied has the others of its group start anew: none is told
// twice.
func TestAGroupThatStartsAnewIsToldOnce(t *testing.T) {
	db := newStore(t, 4)
	one, gone := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	if _, err := db.Erase(t.Context(), gone.ID, noon); err != nil {
		t.Fatal(err)
	}
	before := len(eventsOf(t, db))
	good := &announcement{db: db, event: one.Told(mapping.EventInteractionExpired, noon), done: newAnswer()}
	bad := &amendment{db: db, id: gone.ID, done: newAnswer(), to: func(i mapping.Interaction) (mapping.Interaction, error) { return i, nil }}
	together(db, good, bad)
	if err := <-good.done; err != nil {
		t.Fatal(err)
	}
	if err := <-bad.done; err == nil {
		t.Error("what was erased is amended")
	}
	if got := len(eventsOf(t, db)) - before; got != 1 {
		t.Errorf("told %d times", got)
	}
}

func TestEventsAreReadFromWhereverOneIs(t *testing.T) {
	db := newStore(t, 9)
	next := &announcement{db: db, done: newAnswer()} // ten events in one commit
	group := []change{next}
	for n := range 9 {
		group = append(group, &announcement{db: db, event: mapping.Event{At: noon.Add(time.Duration(n) * time.Second), Type: mapping.EventPoolExhausted, Tenant: mapping.DefaultTenant}})
	}
	next.event = mapping.Event{At: noon, Type: mapping.EventPoolExhausted, Tenant: mapping.DefaultTenant}
	together(db, group...)
	if err := <-next.done; err != nil {
		t.Fatal(err)
	}
	created(t, db, ride(t, 1, 1), noon)
	created(t, db, ride(t, 2, 2), noon)
	for after := range uint64(12) {
		for _, limit := range []int{1, 3, 100} {
			page, err := db.Events(mapping.DefaultTenant, after, limit)
			if want := min(limit, int(12-after)); err != nil || len(page) != want || page[0].Seq != after+1 || page[want-1].Seq != after+uint64(want) {
				t.Errorf("after %d, at most %d: %+v, %v", after, limit, page, err)
			}
		}
	}
	if page, err := db.Events(mapping.DefaultTenant, 12, 1); err != nil || len(page) != 0 {
		t.Errorf("after the last: %+v, %v", page, err)
	}
	var invalid *mapping.InvalidError
	if _, err := db.Events(mapping.DefaultTenant, 13, 1); !errors.As(err, &invalid) {
		t.Errorf("after one to come: %v", err)
	}
	if page, err := db.Events("nobody", 0, 1); err != nil || len(page) != 0 {
		t.Errorf("of a tenant without any: %+v, %v", page, err)
	}
}

func TestWhoWaitsForEventsIsWokenByHisOwn(t *testing.T) {
	db := newStore(t, 4)
	own, others := db.EventsPosted(mapping.DefaultTenant), db.EventsPosted("acme")
	created(t, db, ride(t, 1, 1), noon)
	select {
	case <-own:
	default:
		t.Error("nobody is woken")
	}
	select {
	case <-others:
		t.Error("another tenant is woken")
	default:
	}
	select {
	case <-db.EventsPosted(mapping.DefaultTenant):
		t.Error("who has seen all is woken")
	default:
	}
}

// Each tenant has a sequence of its own, from which nothing of the others can be told.
func TestATenantsEventsAreItsOwn(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	for n, tenant := range []mapping.Tenant{"acme", "acme", "zeta", "acme", "zeta", "acme"} {
		created(t, db, rideOf(t, tenant, n), noon)
	}
	same(t, len(tenantsEvents(t, db, "acme")), 4)
	same(t, len(tenantsEvents(t, db, "zeta")), 2)
	same(t, len(eventsOf(t, db)), 0)
	var group []change
	last := &announcement{db: db, event: mapping.Event{At: noon, Type: mapping.EventPoolExhausted, Tenant: "acme"}, done: newAnswer()}
	for _, tenant := range []mapping.Tenant{"zeta", "acme", "zeta"} {
		group = append(group, &announcement{db: db, event: mapping.Event{At: noon, Type: mapping.EventPoolExhausted, Tenant: tenant}})
	}
	together(db, append(group, last)...)
	if err := <-last.done; err != nil {
		t.Fatal(err)
	}
	same(t, len(tenantsEvents(t, db, "acme")), 6)
	same(t, len(tenantsEvents(t, db, "zeta")), 4)
}

func TestOldEventsAreRemovedAndTheSequenceGoesOn(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	const week = 7 * 24 * time.Hour
	for n := range 5 {
		created(t, db, ride(t, n, n), noon.Add(time.Duration(n)*time.Hour))
	}
	retain := func(at time.Time, want int) {
		t.Helper()
		if removed, err := db.RetainEvents(t.Context(), week, at); err != nil || removed != want {
			t.Errorf("removed %d, not %d: %v", removed, want, err)
		}
	}
	retain(noon.Add(week), 0)
	retain(noon.Add(week+2*time.Hour+1), 3)
	if removed, err := db.RetainEvents(t.Context(), 0, noon.Add(100*week)); removed > 0 || err != nil {
		t.Errorf("for ever: %d, %v", removed, err)
	}
	if _, err := db.Events(mapping.DefaultTenant, 2, 1); !errors.Is(err, mapping.ErrForgotten) {
		t.Errorf("after what is forgotten: %v", err)
	}
	same(t, len(eventsOf(t, db)), 2)
	db = reopened(t, o, db)
	retain(noon.Add(2*week), 2)
	retain(noon.Add(3*week), 0)
	same(t, len(eventsOf(t, db)), 0)
	db = reopened(t, o, db)
	if _, err := db.Events(mapping.DefaultTenant, 4, 1); !errors.Is(err, mapping.ErrForgotten) {
		t.Errorf("after what is forgotten, with nothing left: %v", err)
	}
	if page, err := db.Events(mapping.DefaultTenant, 5, 1); err != nil || len(page) > 0 {
		t.Errorf("after the last: %v, %v", page, err)
	}
	defer checkAndClose(t, db)
	created(t, db, ride(t, 9, 9), noon.Add(3*week))
	if all := eventsOf(t, db); len(all) != 1 || all[0].Seq != 6 {
		t.Errorf("goes on with %+v", all)
	}
}

// More rows than one commit looks at.
func TestManyOldEventsAreRemoved(t *testing.T) {
	db := newStore(t, 4)
	for n := range agedAtOnce + 50 {
		a := &announcement{db: db, done: newAnswer(), event: mapping.Event{At: noon, Type: mapping.EventPoolExhausted, Tenant: mapping.Tenant(fmt.Sprintf("t%d", n%3))}}
		if _, err := db.submit(t.Context(), a, maxRecords, a.done); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := db.RetainEvents(t.Context(), time.Hour, noon.Add(2*time.Hour)); err != nil || removed != agedAtOnce+50 {
		t.Errorf("removed %d: %v", removed, err)
	}
}

// A create that finds no DID is told of once a minute, whoever goes on asking.
func TestAPoolThatHasNoDIDIsTold(t *testing.T) {
	db := newStore(t, 1)
	created(t, db, lastRide(t), noon)
	for _, after := range []time.Duration{0, time.Second, 59 * time.Second, time.Minute, time.Minute + 1} {
		var none *mapping.ExhaustedError
		if _, _, err := db.Create(t.Context(), lastRide(t), noon.Add(after)); !errors.As(err, &none) {
			t.Fatal(err)
		}
	}
	flushed(t, db)
	var at []time.Duration
	for _, e := range eventsOf(t, db)[1:] {
		if e.Type != mapping.EventPoolExhausted || e.Pool != mapping.DefaultPool {
			t.Errorf("%+v", e)
		}
		at = append(at, e.At.Sub(noon))
	}
	same(t, at, []time.Duration{0, time.Minute})
}

// The check finds what is missing.
func TestAMissingEventIsFound(t *testing.T) {
	db, err := Open(optionsIn(t, t.TempDir(), 9), noon)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := range 3 {
		created(t, db, ride(t, n, n), noon)
	}
	err = db.file.Update(func(tx *bolt.Tx) error { return bucketOutbox.in(tx).Delete(outboxKey(mapping.DefaultTenant, 2)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "events from 2 on are missing") {
		t.Errorf("check: %v", err)
	}
}

// A store of the version before has no outbox yet.
func TestAStoreOfSchema3GetsAnOutbox(t *testing.T) {
	o := closedStore(t)
	file, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Update(func(tx *bolt.Tx) error {
		for _, b := range buckets(schemaVersion) {
			if !slices.Contains(buckets(3), b) {
				if err := tx.DeleteBucket([]byte(b)); err != nil {
					return err
				}
			}
		}
		return errors.Join(bucketMeta.in(tx).Delete([]byte(metaExpired)), bucketMeta.in(tx).Put(metaSchema, []byte{0, 0, 0, 3}))
	})
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	l, closer, err := OpenAudit(o)
	if err != nil {
		t.Fatalf("its audit log alone: %v", err)
	}
	_, report := exported(t, l)
	if err := closer.Close(); err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Findings, err)
	}
	db := opened(t, o)
	same(t, len(eventsOf(t, db)), 0)
	i := created(t, db, ride(t, 2, 2), noon)
	if all := eventsOf(t, db); len(all) != 1 || all[0].Interaction != i.ID {
		t.Errorf("told %+v", all)
	}
}

func TestEventsAreReadAsTheyWereWritten(t *testing.T) {
	id := mapping.NewID(noon, [10]byte{1, 2, 3})
	want := []mapping.Event{
		{At: noon, Type: mapping.EventInteractionCreated, Interaction: id},
		{At: noon.Add(time.Hour), Type: mapping.EventCallEnded, Interaction: id, Call: id, DID: "+15550100000", CallerSide: mapping.SideB,
			Outcome: mapping.OutcomeAnswered, EndedBy: mapping.EndedByLimit, Talked: 90 * time.Millisecond},
		{At: noon, Type: mapping.EventNumberChanged, DID: "+15550100000", Standing: mapping.StandingRetired, Pool: "p", Until: noon},
	}
	plain := []byte{1, 2, 3, 4, 5, 6, 0xff, 0xff, 0xff, 0xff}
	for n := range want {
		plain = appendEvent(plain, &want[n])
		want[n].Tenant, want[n].Seq = "acme", uint64(7+n)
	}
	got, err := decodeEvents("acme", 7, plain)
	if err != nil {
		t.Fatal(err)
	}
	for n := range got {
		if got[n].ID.IsZero() || !got[n].ID.Time().Equal(got[n].At) || n > 0 && got[n].ID == got[n-1].ID {
			t.Errorf("id %v", got[n].ID)
		}
		got[n].ID = mapping.ID{}
	}
	same(t, got, want)
}

func FuzzEvents(f *testing.F) {
	id := mapping.NewID(noon, [10]byte{1})
	f.Add(appendEvent(make([]byte, eventRandom), &mapping.Event{At: noon, Type: mapping.EventCallEnded, Interaction: id, Call: id, DID: "+1555"}))
	f.Fuzz(func(t *testing.T, plain []byte) {
		events, err := decodeEvents("acme", 1, plain)
		if err != nil {
			return
		}
		again := plain[:eventRandom:eventRandom]
		for n := range events {
			again = appendEvent(again, &events[n])
		}
		twice, err := decodeEvents("acme", 1, again)
		if err != nil {
			t.Fatal(err)
		}
		same(t, twice, events)
	})
}

// What is too old ends with the key of its day: an older copy of the store gives
// nothing of it back, and opens all the same.
func TestOldEventsEndWithTheirKeys(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	created(t, db, ride(t, 1, 1), noon)
	created(t, db, ride(t, 2, 2), noon.Add(48*time.Hour))
	flushed(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	older := contents(t, o.Path)
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	if removed, err := db.RetainEvents(t.Context(), 24*time.Hour, noon.Add(50*time.Hour)); err != nil || removed != 1 {
		t.Fatalf("removed %d, %v", removed, err)
	}
	same(t, len(eventsOf(t, db)), 1)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	write(t, o.Path, string(older))
	db, err = Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer checkAndClose(t, db)
	if page, err := db.Events(mapping.DefaultTenant, 0, 9); !errors.Is(err, mapping.ErrForgotten) {
		t.Errorf("a copy gives back %+v, %v", page, err)
	}
	if removed, err := db.RetainEvents(t.Context(), 24*time.Hour, noon.Add(50*time.Hour)); err != nil || removed != 1 {
		t.Errorf("removed %d, %v", removed, err)
	}
	created(t, db, ride(t, 3, 3), noon.Add(49*time.Hour))
	if all := eventsOf(t, db); len(all) != 2 || all[0].Seq != 2 {
		t.Errorf("it goes on with %+v", all)
	}
}
