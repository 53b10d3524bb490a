package store

import (
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// change is something to be written. The writer applies it, with all that
// waits beside it, in one transaction, and settles it after the commit.
type change interface {
	// apply writes into the transaction and touches nothing else: it is
	// repeated if another change of the group can't be applied.
	apply(t *txn) error
	// settle publishes what came of it and answers whoever waits: nil once
	// the change is durable, else why it is not.
	settle(err error)
}

// errInDoubt: a commit failed after its last page was written, so that nobody
// knows whether the disk has it. Nothing more is written by this process; the
// next start reads the truth.
var errInDoubt = errors.New("the last commit is in doubt: restart")

// commitFunc commits a transaction: bbolt's own, but for tests that let it fail.
type commitFunc func(*bolt.Tx) error

// aside commits as one of those do that wait for the disk; nil: as it is. bbolt reads
// what lies beside what it writes: where that is done a page may be damaged.
func (commit commitFunc) aside(run func(func())) commitFunc {
	if run == nil {
		run = func(do func()) { do() }
	}
	return func(tx *bolt.Tx) (err error) {
		run(func() { err = guard(func() error { return commit(tx) }) })
		return err
	}
}

// writer is the one goroutine that writes. It waits for nothing to gather a
// group: a group is what came in while the last one was being committed.
type writer struct {
	// Immutable.
	file    volume
	keys    *keyring
	views   *views
	outbox  *outbox
	queue   *queue
	commit  commitFunc
	stopped chan struct{}

	// The goroutine's own, and after stopped is closed whoever waited for it.
	desk   desk
	retry  []change     // patient changes of a commit that failed
	crown  *audit.Crown // of the audit log as it is committed
	broken error
}

func startWriter(file volume, keys *keyring, views *views, o *outbox, crown *audit.Crown, commit commitFunc) *writer {
	w := &writer{file: file, keys: keys, views: views, outbox: o, crown: crown, queue: newQueue(), commit: commit, stopped: make(chan struct{})}
	go w.run()
	return w
}

// stop commits what is queued and returns how many call detail records and
// audit entries could not be written.
func (w *writer) stop() (lost int) {
	w.queue.close()
	<-w.stopped
	return len(w.retry)
}

func (w *writer) run() {
	defer close(w.stopped)
	for more := true; more; {
		var group []change
		group, more = w.queue.take()
		if len(w.retry) > 0 {
			group = append(w.retry, group...)
		}
		w.write(latest(group))
	}
}

// latest leaves of several records of a call the last one only, which would
// replace the others anyway.
func latest(group []change) []change {
	last := make(map[mapping.ID]*recording, len(group))
	for _, c := range group {
		if r, ok := c.(*recording); ok {
			last[r.cdr.Call] = r
		}
	}
	return slices.DeleteFunc(group, func(c change) bool {
		r, ok := c.(*recording)
		if !ok || last[r.cdr.Call] == r {
			return false
		}
		r.done()
		return true
	})
}

// write commits a group and settles each of its changes. One that can't be
// applied is settled and the others start anew: the transaction may hold half
// of it.
func (w *writer) write(group []change) {
	w.retry = nil
	for len(group) > 0 {
		failed, err := w.try(group)
		if err == nil {
			settle(group, nil)
			return
		}
		if failed < 0 {
			w.fail(group, fmt.Errorf("commit: %w: %w", mapping.ErrUnavailable, err))
			return
		}
		settleOne(&group[failed], err)
		group = append(group[:failed], group[failed+1:]...)
	}
}

// try commits a group. If a change can't be applied it returns its position
// and why; if the commit fails, -1 and why.
func (w *writer) try(group []change) (failed int, err error) {
	if w.broken != nil {
		return -1, w.broken
	}
	tx, err := w.file.Begin(true)
	if err != nil {
		return -1, err
	}
	t := w.begin(tx)
	leisure := !slices.ContainsFunc(group, isUrgent)
	for i, c := range group {
		if leisure && i%spell == spell-1 {
			w.queue.yield()
		}
		if err := guard(func() error { return c.apply(t) }); err != nil {
			_ = tx.Rollback() // fails only if it is over already
			return i, err
		}
	}
	if !t.changed {
		return -1, tx.Rollback()
	}
	if err := guard(t.conclude); err != nil {
		_ = tx.Rollback()
		return -1, err
	}
	id := tx.ID()
	if err := w.commit(tx); err != nil {
		_ = guard(tx.Rollback) // it is over already, unless a page is damaged
		return -1, w.judge(id, err)
	}
	*w.crown = t.crown
	w.views.renew()
	w.outbox.publish(w.desk.mail)
	return -1, nil
}

func (w *writer) begin(tx *bolt.Tx) *txn {
	w.desk.clear()
	return &txn{Tx: tx, keys: w.keys, outbox: w.outbox, crown: *w.crown, began: w.crown.Size(), at: &w.desk}
}

// judge tells whether a failed commit left no trace. Where the file already
// shows it, a record may be there that the index does not know: keys could be
// given out twice. One that met a damaged page has taken pages from bbolt's free
// list, which has them back at the next start only.
func (w *writer) judge(tx int, err error) error {
	var last int
	if viewErr := w.file.View(func(tx *bolt.Tx) error { last = tx.ID(); return nil }); viewErr != nil || last >= tx || errors.Is(err, ErrDamaged) {
		w.broken = fmt.Errorf("%w: %w", errInDoubt, err)
		return w.broken
	}
	return err
}

// patient is a change for which nobody waits, and which nobody would bring again.
type patient interface{ patient() bool }

func isPatient(c change) bool {
	p, ok := c.(patient)
	return ok && p.patient()
}

func isUrgent(c change) bool { return !isPatient(c) }

// fail settles a group whose commit failed, but keeps those of its changes that
// are patient for the next group.
func (w *writer) fail(group []change, err error) {
	for _, c := range group {
		if w.broken == nil && isPatient(c) && len(w.retry) < maxRecords {
			w.retry = append(w.retry, c)
		}
	}
	settle(group, err)
}

// settle settles each change of a group.
func settle(group []change, err error) {
	for n := range group {
		settleOne(&group[n], err)
	}
}

// settleOne takes a change from its place and settles it: what was settled is not there
// any more to be settled again, which would publish it twice.
func settleOne(at *change, err error) {
	if c := *at; c != nil {
		*at = nil
		c.settle(err)
	}
}
