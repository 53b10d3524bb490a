package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media/recording"
	"maskd/store"
)

// Another retention is looked to at once, and the same one is no reason to look.
func TestAReloadBringsAnotherRetention(t *testing.T) {
	d := &daemon{reconsider: make(chan struct{}, 1)}
	d.retention.Store(&mapping.Retention{CDRs: time.Hour})
	for n, test := range []struct {
		keep  mapping.Retention
		looks int
	}{{mapping.Retention{CDRs: time.Hour}, 0}, {mapping.Retention{Audit: time.Hour}, 1}, {mapping.Retention{}, 1}} {
		d.keepFor(test.keep)
		d.keepFor(test.keep)
		if got := len(d.reconsider); got != test.looks || *d.retention.Load() != test.keep {
			t.Errorf("step %d: %d looks, keeps %+v", n, got, *d.retention.Load())
		}
		for range test.looks {
			<-d.reconsider
		}
	}
}

// A recording is erased once, also where its files can't be removed: they are noise by
// then, and tried again at each look.
func TestAnErasureOfARecordingIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	pools, err := mapping.NewPools([]mapping.Pool{{Name: "default", Trunk: "carrier", DIDs: []mapping.DID{"+15550100000", "+15550100001"}}})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	db, err := store.Open(store.Options{Path: filepath.Join(dir, "maskd.db"), RootKey: filepath.Join(dir, "root.key"), Pools: pools}, at)
	if err != nil {
		t.Fatal(err)
	}
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{store: db, log: zap.NewNop(), stuck: make(map[string]bool)}
	if d.vault, err = recording.OpenVault(filepath.Join(dir, "recordings"), cover{db}, auditor.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(d.vault.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}()
	a, _ := mapping.ParseNumber("+15550200001")
	b, _ := mapping.ParseNumber("+15550200002")
	i, _, err := db.Create(t.Context(), mapping.Draft{Pool: "default", A: []mapping.Number{a}, B: []mapping.Number{b}}.WithDefaults(), at)
	if err != nil {
		t.Fatal(err)
	}
	call := mapping.NewID(at, [10]byte{1})
	if _, err := db.CoverRecording(t.Context(), i.ID, call, []byte("what opens it")); err != nil {
		t.Fatal(err)
	}
	m := recording.Manifest{
		ID: "rec_1", Interaction: i.ID.Text(mapping.KindInteraction), Call: call.Text(mapping.KindCall), Parts: []recording.Part{{File: "stuck"}},
	}
	stuck := filepath.Join(dir, "recordings", "stuck")
	if err := os.MkdirAll(filepath.Join(stuck, "within"), 0o700); err != nil {
		t.Fatal(err)
	}
	told := func() (n int) {
		rows, err := db.AuditLog().Rows(0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Entry.Action == mapping.ActionRecordingErase && r.Entry.Object == mapping.ObjectNamed("recording", m.ID) {
				n++
			}
		}
		return n
	}
	for look := range 3 {
		if erased := d.forgetRecording(t.Context(), m, at); erased != (look == 0) || told() != 1 {
			t.Errorf("look %d: erased %t, told of %d times", look, erased, told())
		}
	}
	if err := os.RemoveAll(stuck); err != nil {
		t.Fatal(err)
	}
	if d.forgetRecording(t.Context(), m, at); told() != 1 {
		t.Errorf("told of %d times", told())
	}
	m.ID, m.Parts = "rec_2", nil
	if erased := d.forgetRecording(&stopping{Context: t.Context()}, m, at); !erased || told() != 1 {
		t.Errorf("as the daemon stops: erased %t, told of %d times; the next start finds its files and tells it again", erased, told())
	}
}

// stopping is the context of a daemon that is stopped while something is written.
type stopping struct {
	context.Context
	asked int
}

func (*stopping) Done() <-chan struct{} {
	over := make(chan struct{})
	close(over)
	return over
}

func (s *stopping) Err() error {
	if s.asked++; s.asked == 1 { // before it is written
		return nil
	}
	return context.Canceled
}
