package relay

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// order is what somebody wants of a worker: in the turn of a circuit, or of none.
type order struct {
	strand *strand // nil: of none
	act    func(c *circuit, now time.Time)
	obeyed chan<- struct{} // has room; nil: nobody waits
}

// obey runs what is queued.
func (w *worker) obey() {
	w.mu.Lock()
	queue := w.queue
	w.queue, w.called, w.regular = w.spare[:0], false, !w.agenda.due().IsZero()
	w.mu.Unlock()
	w.spare = queue
	if len(queue) == 0 {
		return
	}
	now := w.now()
	for _, o := range queue {
		w.obeyOne(o, now)
	}
	clear(queue)
}

func (w *worker) obeyOne(o order, now time.Time) {
	if o.strand == nil {
		o.act(nil, now)
	} else {
		o.strand.run(o.act, now)
	}
	if o.obeyed != nil {
		o.obeyed <- struct{}{}
		w.awaited = true
	}
}

// leave queues an order for when the worker next obeys, however late, unless the worker was closed. So do the others.
func (w *worker) leave(o order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queueUp(o)
}

// mostWaiting orders may wait until the worker wakes by itself. Each may hold a flow, and of a thousand calls that begin
// at once all would take memory at the same time.
const mostWaiting = 64

// postpone queues an order for when the worker next wakes, within watchInterval; not where too many wait for that.
func (w *worker) postpone(o order) (queued bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) >= mostWaiting {
		return false
	}
	if queued = w.queueUp(o); queued && !w.regular {
		w.call()
	}
	return queued
}

// post queues an order and calls the worker.
func (w *worker) post(o order) (queued bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if queued = w.queueUp(o); queued {
		w.call()
	}
	return queued
}

// do queues an order and waits until it was obeyed.
func (w *worker) do(o order) {
	obeyed := w.waits.Get().(chan struct{})
	o.obeyed = obeyed
	if w.post(o) {
		<-obeyed
	}
	w.waits.Put(obeyed)
}

// queueUp is for who holds mu.
func (w *worker) queueUp(o order) (queued bool) {
	if !w.closed {
		w.queue = append(w.queue, o)
	}
	return !w.closed
}

// call wakes the worker, once until it obeys. It is for who holds mu.
func (w *worker) call() {
	if w.called {
		return
	}
	w.called = true
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(w.wake, one[:]) // it fails on a full counter only, which wakes as well
}
