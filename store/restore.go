package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// Restored is what there is to say of a copy that was put in place of a store.
type Restored struct {
	At        time.Time    // of the copy's last audit entry: what came later is not in it
	Entries   int64        // how many it had
	Aside     string       // where the store of before is; empty: there was none
	Unread    bool         // nobody could read that: what was over by it is not known
	Erased    int          // erasures since: what they were about stays unreadable
	Completed []mapping.ID // interactions that were over by it, and would have connected again
}

// Restore puts a copy of a store in its place, and what was there aside. No daemon may have
// it open. The copy is checked first, and must be of the same keys; where anything is
// wrong with it nothing is changed. What was erased since stays so, because its keys are
// destroyed; what was over since is completed, if the store of before can be read.
//
// The entry tells the audit log of the copy; its object is what the copy is.
func Restore(ctx context.Context, o Options, from string, told mapping.AuditEntry, at time.Time) (r Restored, err error) {
	if o.Keys == "" {
		o.Keys = KeysBeside(o.Path)
	}
	s := &restoration{before: o, copy: o, at: at.Round(0).UTC()}
	s.copy.Path = o.Path + ".restore"
	defer func() { err = errors.Join(err, removed(s.copy.Path)) }()
	for _, step := range []func(context.Context) error{
		func(context.Context) error { return s.fetch(from) }, s.inspect, s.compare,
		func(ctx context.Context) error { return s.finish(ctx, told) }, s.swap,
	} {
		if err := step(ctx); err != nil {
			return s.done, fmt.Errorf("restore store: %w", err)
		}
	}
	return s.done, nil
}

func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// restoration is a restore at work.
type restoration struct {
	before, copy Options
	at           time.Time
	done         Restored

	live   map[mapping.ID]bool              // interactions of the copy that connect
	stones int                              // of the copy
	over   map[mapping.ID]bool              // of these: they don't in the store of before
	goOn   map[mapping.ID]bool              // interactions of the store of before that connect, and don't in the copy, if it has them
	held   map[mapping.ID]mapping.LegalHold // interactions of the store of before
	commit int                              // the last of the store of before
}

// fetch copies the file, which is not to be touched.
func (s *restoration) fetch(from string) (err error) {
	if _, err := os.Stat(s.before.Keys); err != nil { // opening would make some
		return fmt.Errorf("%s: %w", s.before.Keys, ErrKeysMissing)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(s.copy.Path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// with opens a store for as long as something is done with it.
func with(o Options, at time.Time, do func(*DB) error) error {
	db, err := Open(o, at)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// inspect reads all of the copy.
func (s *restoration) inspect(ctx context.Context) error {
	if version, err := s.versionOfCopy(); err != nil || version == 0 {
		return errors.Join(err, fmt.Errorf("%w: the copy is none of a store", ErrDamaged))
	}
	return with(s.copy, s.at, func(db *DB) error {
		if err := db.Check(ctx, s.at); err != nil {
			return err
		}
		signed, err := db.AuditLog().Latest()
		if err == nil {
			var last audit.Checkpoint
			last, err = audit.Open(signed, db.keys.verifier)
			s.done.At, s.done.Entries = last.At, last.Size
		}
		if err != nil && !errors.Is(err, mapping.ErrNotFound) {
			return err
		}
		s.live = make(map[mapping.ID]bool)
		err = db.walk(ctx, bucketInteractions, func(tx *bolt.Tx, id mapping.ID) error {
			i, err := db.readInteraction(tx, id)
			if err == nil && i.Holds(s.at) {
				s.live[id] = true
			}
			return err
		})
		s.stones = count(db.file, bucketTombstones)
		return err
	})
}

func (s *restoration) versionOfCopy() (version uint32, err error) {
	file, err := openFile(s.copy.Path)
	if err != nil {
		return 0, err
	}
	version, err = versionOf(file)
	return version, errors.Join(err, file.Close())
}

func count(file volume, b bucket) (n int) {
	_ = file.View(func(tx *bolt.Tx) error { n = b.in(tx).Stats().KeyN; return nil }) // what is damaged counts for nothing
	return n
}

// compare finds what was over by the store of before, if that can be read.
func (s *restoration) compare(ctx context.Context) error {
	if _, err := os.Stat(s.before.Path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.done.Aside = s.before.Path + ".before-" + s.at.Format("20060102T150405.000Z")
	s.over = make(map[mapping.ID]bool)
	err := with(s.before, s.at, func(db *DB) error {
		for id := range s.live {
			i, err := db.bare(id)
			if errors.Is(err, mapping.ErrNotFound) { // it is erased, and its key is destroyed
				continue
			}
			if err != nil || !i.Holds(s.at) { // in doubt it is over
				s.over[id] = true
			}
		}
		s.done.Erased = count(db.file, bucketTombstones) - s.stones
		s.held, s.goOn = make(map[mapping.ID]mapping.LegalHold), make(map[mapping.ID]bool)
		return db.walk(ctx, bucketInteractions, func(tx *bolt.Tx, id mapping.ID) error {
			i, err := db.keys.interaction(viewOf(tx), id)
			if err == nil && i.Held.Any() {
				s.held[id] = i.Held
			}
			if err == nil && i.Holds(s.at) && !s.live[id] {
				s.goOn[id] = true
			}
			return err
		})
	})
	if errors.Is(err, ErrLocked) {
		return err
	}
	if s.done.Unread = err != nil; s.done.Unread {
		return nil
	}
	return s.alone(func(last int) error { s.commit = last; return nil })
}

// alone does something while nobody else can open the store of before, given its last
// commit.
func (s *restoration) alone(do func(last int) error) error {
	file, err := openFile(s.before.Path)
	if err != nil {
		return err
	}
	var last int
	err = file.View(func(tx *bolt.Tx) error { last = tx.ID(); return nil })
	if err == nil {
		err = do(last)
	}
	return errors.Join(err, file.Close())
}

// finish completes what was over, holds what is held, and tells the audit log of the
// restore. What is erased and whose keys there are since is noted, for later erasures;
// who is blocked since, which DIDs are out of use, and which calls count. At last, when
// nothing has the DIDs any more that has lost them since, comes what goes on.
func (s *restoration) finish(ctx context.Context, told mapping.AuditEntry) error {
	if s.done.Aside == "" || s.done.Unread {
		if err := s.goOnBehind(); err != nil {
			return err
		}
		return s.settle(ctx, told)
	}
	if err := s.between(inherit, carry, keepCounts); err != nil {
		return err
	}
	if err := s.settle(ctx, told); err != nil {
		return err
	}
	return s.between(s.keep)
}

// settle does what the copy does itself.
func (s *restoration) settle(ctx context.Context, told mapping.AuditEntry) error {
	return with(s.copy, s.at, func(db *DB) error {
		for id := range s.over {
			if err := s.end(ctx, db, id); err != nil {
				return err
			}
			s.done.Completed = append(s.done.Completed, id)
		}
		for id, by := range s.held {
			if _, err := db.Hold(ctx, id, by, s.at); err != nil && !errors.Is(err, mapping.ErrNotFound) {
				return err
			}
		}
		told.Object = mapping.ObjectNamed("copy", s.done.At.Format(time.RFC3339))
		return db.Witness(ctx, told)
	})
}

// end completes an interaction, and its callback window if it has one.
func (s *restoration) end(ctx context.Context, db *DB, id mapping.ID) error {
	for {
		i, err := db.Complete(ctx, id, "restored", s.at)
		if err != nil || !i.Holds(s.at) {
			return err
		}
	}
}

// between does something with what the store of before has and what the copy has.
func (s *restoration) between(all ...func(old, tx *bolt.Tx) error) error {
	from, err := openFile(s.before.Path)
	if err != nil {
		return err
	}
	to, err := openFile(s.copy.Path)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	err = from.View(func(old *bolt.Tx) error {
		return to.Update(func(tx *bolt.Tx) error {
			for _, do := range all {
				if err := do(old, tx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return errors.Join(err, to.Close(), from.Close())
}

// swap gives the copy the name of the store, if what was compared is still all of it.
func (s *restoration) swap(context.Context) error {
	if s.done.Aside == "" || s.done.Unread {
		return s.rename()
	}
	return s.alone(func(last int) error {
		if last != s.commit {
			return fmt.Errorf("%s: %w meanwhile", s.before.Path, ErrLocked)
		}
		return s.rename()
	})
}

// rename gives the copy the name of the store, which has another one before: at no time
// is there none, of which a start would make a new one.
func (s *restoration) rename() error {
	if s.done.Aside != "" {
		if err := os.Link(s.before.Path, s.done.Aside); err != nil {
			return err
		}
	}
	return errors.Join(os.Rename(s.copy.Path, s.before.Path), syncDir(s.before.Path))
}
