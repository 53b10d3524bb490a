package store

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

// nobodys is a call of no interaction.
func nobodys(t *testing.T, db *DB) mapping.CDR {
	t.Helper()
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(7, &i)
	c.Interaction, c.Target, c.CallerSide = mapping.ID{}, mapping.Number{}, 0
	db.Record(c)
	flushed(t, db)
	return c
}

// A call of nobody that lives while it is erased leaves nothing behind: neither what is
// told of it later, nor a store that can't be opened after a crash.
func TestALiveCallOfNobodyIsErased(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	c := nobodys(t, db)
	if err := db.EraseCall(t.Context(), c.Call, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	db = opened(t, o)
	c.EndedAt, c.Outcome = noon.Add(time.Second), mapping.OutcomeAnswered
	db.Record(c)
	flushed(t, db)
	if _, err := db.CDR(c.Call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("it is read: %v", err)
	}
	if err := db.EraseCall(t.Context(), c.Call, noon); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("it is erased again: %v", err)
	}
}

// hasForgotten opens a store, which gives nothing of a call back.
func hasForgotten(t *testing.T, o Options, call mapping.ID) {
	t.Helper()
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.CDR(call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the backup gives it back: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// A crash after the commit and before its key is destroyed is made good at the next
// start.
func TestACrashDoesNotStopTheErasureOfACall(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	c := nobodys(t, db)
	backup, keys := backedUp(t, db), readFile(t, o.Keys)
	if err := db.EraseCall(t.Context(), c.Call, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	if err := os.WriteFile(o.Keys, keys, 0o600); err != nil { // as they were when it crashed
		t.Fatal(err)
	}
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	o.Path = backup
	hasForgotten(t, o, c.Call)
}

// A caller who proves by a PIN who he is was nobody until then: what was written of him
// before goes with the interaction, out of backups too.
func TestWhatACallWasBeforeItHadAnInteractionIsErased(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	c := nobodys(t, db)
	backup := backedUp(t, db)
	i := created(t, db, ride(t, 2, 2), noon)
	c.Interaction, c.Tenant = i.ID, i.Tenant
	db.Record(c)
	flushed(t, db)
	if _, err := db.Erase(t.Context(), i.ID, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	o.Path = backup
	hasForgotten(t, o, c.Call)
}

// A person is found where it is no party: as whom a party calls back, as a stranger who
// called, and on the block list, which is no tenant's.
func TestASubjectIsFoundInWhatIsNotItsOwn(t *testing.T) {
	db := newStore(t, 20)
	open := func(n int, policy mapping.Callback, fallback mapping.Number) mapping.Interaction {
		d := ride(t, n, n)
		d.Mode, d.B, d.Numbering = mapping.ModeOpen, nil, mapping.NumberingShared
		d.Strangers.Callback, d.Strangers.Fallback = policy, fallback
		return created(t, db, d, noon)
	}
	person := rider(t, 99)
	named, called := open(1, mapping.CallbackFallback, person), open(2, mapping.CallbackLastCaller, mapping.Number{})
	open(3, mapping.CallbackLastCaller, mapping.Number{})
	c := mapping.CDR{Call: mapping.NewID(noon, [10]byte{1}), Tenant: called.Tenant, Interaction: called.ID, CallerSide: mapping.SideB, Caller: person,
		Target: called.A.Numbers[0], DID: called.A.DID, AdmittedAt: noon.Add(time.Second), AnsweredAt: noon.Add(time.Second), Outcome: mapping.OutcomeLive}
	db.Record(c)
	flushed(t, db)
	block, err := db.Block(t.Context(), []mapping.Block{{Number: rider(t, 5), With: person}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s, err := db.Subject(t.Context(), "", person)
	if err != nil || len(s.Interactions) != 1 || s.Interactions[0].ID != named.ID || len(s.Calls) != 1 {
		t.Errorf("found %d interactions and %d calls, %v", len(s.Interactions), len(s.Calls), err)
	}
	same(t, len(s.Others)+len(s.Held), 0)
	if _, err := db.Hold(t.Context(), called.ID, mapping.HoldHouse, noon); err != nil {
		t.Fatal(err)
	}
	if held, err := db.Subject(t.Context(), "", person); err != nil || !slices.Equal(held.Held, []mapping.ID{called.ID}) {
		t.Errorf("held are %v, %v", held.Held, err)
	}
	if err := db.EraseCall(t.Context(), c.Call, noon); !errors.Is(err, mapping.ErrHeld) {
		t.Errorf("a call to what is held is erased: %v", err)
	}
	same(t, s.Blocks, []mapping.ID{block[0].ID})
	if s, err = db.Subject(t.Context(), mapping.DefaultTenant, person); err != nil || len(s.Interactions) != 1 || len(s.Blocks) != 0 {
		t.Errorf("a tenant found %d interactions and %d blocks, %v", len(s.Interactions), len(s.Blocks), err)
	}
}

// Of a stranger's call that was erased while it lives nothing is recorded later.
func TestNothingIsRecordedOfAnErasedCall(t *testing.T) {
	db := newStore(t, 20)
	open := ride(t, 1, 1)
	open.Mode, open.B, open.Numbering = mapping.ModeOpen, nil, mapping.NumberingShared
	shop := created(t, db, open, noon)
	c := rings(t, db, &shop, rider(t, 60), noon.Add(time.Second))
	if err := db.EraseCall(t.Context(), c.Call, noon.Add(2*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.CoverRecording(t.Context(), shop.ID, c.Call, []byte("what opens it")); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its recording is covered: %v", err)
	}
}

// A stranger's calls to an interaction of somebody else are erased without it: nobody
// finds them or calls him back, in no backup with the keys of now; and the other way
// round they go with the interaction.
func TestAStrangersCallsAreErasedAlone(t *testing.T) {
	for name, erase := range map[string]func(*testing.T, *DB, mapping.CDR){
		"by the stranger": func(t *testing.T, db *DB, c mapping.CDR) {
			if err := db.EraseCall(t.Context(), c.Call, noon.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		},
		"with the interaction": func(t *testing.T, db *DB, c mapping.CDR) {
			if _, err := db.Erase(t.Context(), c.Interaction, noon.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := optionsIn(t, t.TempDir(), 3)
			db, err := Open(o, noon)
			if err != nil {
				t.Fatal(err)
			}
			d := ride(t, 1, 1)
			d.Mode, d.B, d.Numbering = mapping.ModeOpen, nil, mapping.NumberingShared
			i := created(t, db, d, noon)
			other, c := rings(t, db, &i, rider(t, 50), noon.Add(time.Second)), rings(t, db, &i, rider(t, 51), noon.Add(time.Minute))
			covered, err := db.CoverRecording(t.Context(), i.ID, c.Call, []byte("what opens it"))
			if err := errors.Join(err, second(db.CoverRecording(t.Context(), i.ID, other.Call, nil)), db.EraseRecording(i.ID, other.Call)); err != nil {
				t.Fatal(err) // the other's recording is erased, and not what there is of his call
			}
			if route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon.Add(time.Minute)); refusal != 0 || route.Target != rider(t, 51) {
				t.Fatalf("A calls nobody back: %v", refusal)
			}
			got, err := db.CDR(c.Call)
			if err != nil || got.Interaction != i.ID || got.Caller != rider(t, 51) {
				t.Fatalf("the call is of %v, %v", got.Interaction, err)
			}
			backup := backedUp(t, db)
			erase(t, db, c)
			alone := name == "by the stranger"
			checkAndClose(t, db)
			if _, _, err := Compact(o.Path); err != nil {
				t.Fatal(err)
			}
			for file, path := range map[string]string{"store": o.Path, "backup": backup} {
				db := withKeysOfNow(t, o, path)
				if _, err := db.CDR(c.Call); !errors.Is(err, mapping.ErrNotFound) {
					t.Errorf("%s: the call is read: %v", file, err)
				}
				if _, err := db.CDR(other.Call); (err == nil) != alone {
					t.Errorf("%s: another's call: %v", file, err)
				}
				if _, err := db.UncoverRecording(c.Call, covered); (err == nil) != alone {
					t.Errorf("%s: its recording: %v", file, err)
				}
				found, err := db.Interaction(i.ID)
				if (err == nil) != alone || !found.LastCall.Caller.IsZero() {
					t.Errorf("%s: the last caller is known, %v", file, err)
				}
				if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon.Add(2*time.Minute)); refusal == 0 {
					t.Errorf("%s: A calls the stranger back", file)
				}
			}
		})
	}
}

// Who calls from a number that is not a party's, and shows by a PIN who he is, is a
// stranger to the file too; a party's calls are not.
func TestWhoseCallsAreSealedAlone(t *testing.T) {
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)
	for n, caller := range []mapping.Number{i.A.Numbers[0], i.B.Numbers[0], rider(t, 77), {}} {
		c := callOf(byte(n+1), &i)
		c.Caller = caller
		db.Record(c)
		flushed(t, db)
		err := db.EraseCall(t.Context(), c.Call, noon)
		if n == 2 && err != nil || n != 2 && !errors.Is(err, mapping.ErrNotFound) {
			t.Errorf("call %d: %v", n, err)
		}
	}
}

// A call that has just been made is there for who asks for all that there is of a person, though
// its record still waits for others: it would come into the file behind the erasure.
func TestACallWhoseRecordWaitsIsFound(t *testing.T) {
	db := opened(t, optionsIn(t, t.TempDir(), 10))
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(7, &i)
	c.Interaction, c.Target, c.CallerSide = mapping.ID{}, mapping.Number{}, 0
	db.Record(c)
	all, err := db.Subject(t.Context(), "", c.Caller)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Calls) != 1 || all.Calls[0].Call != c.Call {
		t.Errorf("calls that are found: %d", len(all.Calls))
	}
}
