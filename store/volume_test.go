package store

import (
	"errors"
	"io"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Pages may be damaged long after a start has seen them. Who reads one is told so, and
// everybody else goes on.
func TestAPageThatIsDamagedLaterEndsNoProcess(t *testing.T) {
	w := wounded(t, optionsIn(t, t.TempDir(), 4))
	first, last, call := w.rides[0], w.rides[len(w.rides)-1], mapping.NewID(noon, [10]byte{})
	w.wound(bucketInteractions)
	w.wound(bucketCDRs)
	at := noon.Add(time.Minute)
	for name, read := range map[string]func() error{
		"an interaction":  func() error { _, err := w.db.Interaction(first.ID); return err },
		"one by its name": func() error { _, err := w.db.ByExternalID(mapping.DefaultTenant, "first"); return err },
		"interactions":    func() error { _, err := w.db.Interactions(mapping.ID{}, 10); return err },
		"a tenant's":      func() error { _, err := w.db.InteractionsOf(mapping.DefaultTenant, mapping.ID{}, 10); return err },
		"a call":          func() error { _, err := w.db.CDR(call); return err },
		"calls":           func() error { _, err := w.db.CDRs(mapping.ID{}, 10); return err },
		"a subject":       func() error { _, err := w.db.Subject(t.Context(), mapping.DefaultTenant, rider(t, 0)); return err },
		"a complete":      func() error { _, err := w.db.Complete(t.Context(), first.ID, "", at); return err },
		"an extension": func() error {
			_, err := w.db.Extend(t.Context(), first.ID, mapping.Extension{TTL: 48 * time.Hour}, at)
			return err
		},
		"an erasure":      func() error { _, err := w.db.Erase(t.Context(), first.ID, at); return err },
		"keys to destroy": func() error { return w.db.DestroyKeys(first.ID) },
		"calls to erase":  func() error { return w.db.EraseCall(t.Context(), call, at) },
		"what is to be kept": func() error {
			_, err := w.db.Retain(t.Context(), mapping.Retention{CDRs: time.Hour}, at.Add(48*time.Hour))
			return err
		},
		"a change": func() error {
			return w.write(func(t *txn) error { return t.put(bucketInteractions, first.ID[:], nil) })
		},
		"a check": func() error { return w.db.Check(t.Context(), at) },
	} {
		if err := read(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, refusal := w.db.Resolve(first.A.DID, rider(t, 0), at); refusal != mapping.RefusalStore {
		t.Errorf("a look-up of what is damaged: %q", refusal)
	}
	if w.db.Live(first.ID, at) {
		t.Error("what is damaged lives")
	}
	if _, refusal := w.db.Resolve(last.A.DID, rider(t, len(w.rides)-1), at); refusal != 0 {
		t.Errorf("a look-up of another: %q", refusal)
	}
	if _, _, err := w.db.Create(t.Context(), ride(t, 1000, 1000), at); err != nil {
		t.Errorf("a create: %v", err)
	}
	if _, err := w.db.Backup(func(int64) (io.Writer, error) { return io.Discard, nil }); err != nil {
		t.Errorf("a backup: %v", err)
	}
}

// What a commit has half done to bbolt's memory is done again by none: nothing is
// written any more, and look-ups go on.
func TestACommitThatMeetsADamagedPageIsTheLast(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.Aside = func(run func()) {
		done := make(chan struct{})
		go func() { defer close(done); run() }()
		<-done
	}
	w := wounded(t, o)
	last := w.rides[len(w.rides)-1]
	leaves := w.wound(bucketInteractions)
	thin := func(t *txn) (err error) { // so that bbolt joins it to the leaf before
		for _, key := range w.keys(leaves[len(leaves)-1])[1:] {
			err = errors.Join(err, t.remove(bucketInteractions, key))
		}
		return err
	}
	if err := w.write(thin); !errors.Is(err, errInDoubt) || !errors.Is(err, ErrDamaged) {
		t.Errorf("a commit beside a damaged page: %v", err)
	}
	if _, _, err := w.db.Create(t.Context(), ride(t, 1000, 1000), noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("a create after it: %v", err)
	}
	if _, refusal := w.db.Resolve(last.A.DID, rider(t, len(w.rides)-1), noon); refusal != 0 {
		t.Errorf("a look-up after it: %q", refusal)
	}
}

// Where the latest view can't be made, each look-up begins its own.
func TestAViewThatMeetsADamagedPageIsNone(t *testing.T) {
	w := wounded(t, optionsIn(t, t.TempDir(), 4))
	w.set(w.root, 8, uint16(0))
	w.db.views.renew()
	if v := w.db.views.held(); v != nil {
		v.release()
		t.Error("there is a view of a page that can't be read")
	}
	if _, err := w.db.Interaction(w.rides[0].ID); !errors.Is(err, ErrDamaged) {
		t.Errorf("a look-up of its own: %v", err)
	}
}

// hurt is a store whose file is spoilt while it is open.
type hurt struct {
	*spoiled
	db    *DB
	rides []mapping.Interaction
}

// wounded returns a store of which buckets have several leaves.
func wounded(t *testing.T, o Options) *hurt {
	t.Helper()
	o.OnFault = func(error) {}
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &hurt{db: db}
	for n := range 60 {
		draft := ride(t, n, n)
		if n == 0 {
			draft.ExternalID = "first"
		}
		i := created(t, db, draft, noon.Add(time.Duration(n)*time.Millisecond))
		w.rides = append(w.rides, i)
		for c := range 8 {
			c := callOf(byte(c), &i)
			c.Call[len(c.Call)-1], c.Outcome, c.EndedAt = byte(n), mapping.OutcomeAnswered, noon
			db.Record(c)
		}
	}
	flushed(t, db)
	w.spoiled = toSpoil(t, db.file.DB)
	return w
}

// wound has all leaves of a bucket but the last lead behind the file, and returns them all.
func (w *hurt) wound(b bucket) (leaves []uint64) {
	w.t.Helper()
	err := w.file.View(func(tx *bolt.Tx) error {
		root := w.page(uint64(b.in(tx).RootPage()))
		if kindOf(root) != pageBranch {
			return errors.New("it has one")
		}
		for i := range countOf(root) {
			leaves = append(leaves, childOf(root, i))
		}
		return nil
	})
	if err != nil || len(leaves) < 3 {
		w.t.Fatalf("bucket %s has %d leaves, %v", b, len(leaves), err)
	}
	for _, leaf := range leaves[:len(leaves)-1] {
		for i := range countOf(w.page(leaf)) {
			w.set(leaf, pageHeader+pageElement*i+4, uint32(1<<30)) // a fault, not a panic
		}
	}
	return leaves
}

// keys returns the keys of a leaf.
func (w *hurt) keys(leaf uint64) (keys [][]byte) {
	page := w.page(leaf)
	for i := range countOf(page) {
		key := valueOf(page, i)
		keys = append(keys, page[cap(page)-cap(key)-len(mapping.ID{}):][:len(mapping.ID{})])
	}
	return keys
}

// write has the writer make a change.
func (w *hurt) write(apply func(*txn) error) error {
	c := &stroke{apply, newAnswer()}
	_, err := w.db.submit(w.t.Context(), c, noLimit, c.done)
	return err
}

// stroke is a change that is answered.
type stroke struct {
	do   func(*txn) error
	done answer
}

func (s *stroke) apply(t *txn) error { return s.do(t) }

func (s *stroke) settle(err error) { s.done.give(err) }
