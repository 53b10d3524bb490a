package store

import (
	"errors"
	"os"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

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

// A crash after the commit and before its key is destroyed is made good at the next
// start.
func TestACrashDoesNotStopTheErasureOfACall(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	c := nobodys(t, db)
	backup, keys := o.Path+".backup", readFile(t, o.Keys)
	if err := db.file.View(func(tx *bolt.Tx) error { return tx.CopyFile(backup, 0o600) }); err != nil {
		t.Fatal(err)
	}
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
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.CDR(c.Call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the backup gives it back: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
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
	backup := o.Path + ".backup"
	if err := db.file.View(func(tx *bolt.Tx) error { return tx.CopyFile(backup, 0o600) }); err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 2, 2), noon)
	c.Interaction, c.Tenant = i.ID, i.Tenant
	db.Record(c)
	flushed(t, db)
	if _, err := db.Erase(t.Context(), i.ID, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	o.Path = backup
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.CDR(c.Call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the backup gives it back: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
