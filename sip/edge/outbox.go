package edge

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// maxUnsent bounds what waits for a peer that does not read, besides what the
// system holds for it: some forty responses.
const maxUnsent = 64 << 10

// flushTime is how long a peer has to take what was written before a close.
const flushTime = time.Second

// errUnread: the peer reads too little of what it is sent.
var errUnread = errors.New("peer does not read")

// outbox is a connection that nobody who writes to it waits for: a call's
// goroutine answers on it, and what ends the call must not wait for a peer that
// does not read. What is too much for it, or is not taken in writeTimeout, ends
// it.
type outbox struct {
	net.Conn
	wake chan struct{} // the writer's, when there is something new

	mu     sync.Mutex
	unsent []byte
	closed bool
}

func newOutbox(conn net.Conn) *outbox { return &outbox{Conn: conn, wake: make(chan struct{}, 1)} }

// Write leaves the text to the writer.
func (o *outbox) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, net.ErrClosed
	}
	if len(o.unsent)+len(text) > maxUnsent {
		o.unsent = nil
		o.end(0)
		return 0, errUnread
	}
	o.unsent = append(o.unsent, text...)
	o.rouse()
	return len(text), nil
}

// Read reads until the connection is closed.
func (o *outbox) Read(into []byte) (int, error) {
	o.mu.Lock()
	closed := o.closed
	o.mu.Unlock()
	if closed {
		return 0, net.ErrClosed
	}
	return o.Conn.Read(into)
}

// SetDeadline bounds reads: how long a write may take is the outbox's own.
func (o *outbox) SetDeadline(at time.Time) error { return o.SetReadDeadline(at) }

// SetReadDeadline bounds reads of a connection that is open.
func (o *outbox) SetReadDeadline(at time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return net.ErrClosed
	}
	return o.Conn.SetReadDeadline(at)
}

// SetWriteDeadline does nothing: a deadline that each write moves bounds none.
func (o *outbox) SetWriteDeadline(time.Time) error { return nil }

// Close ends reading, and the connection when what was written has left.
func (o *outbox) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end(flushTime)
	return nil
}

// end closes the outbox, whose peer has that time for what was written. The caller
// holds mu.
func (o *outbox) end(flush time.Duration) {
	if o.closed {
		return
	}
	o.closed = true
	now := time.Now()
	_ = o.Conn.SetReadDeadline(now)
	_ = o.Conn.SetWriteDeadline(now.Add(flush))
	o.rouse()
}

func (o *outbox) rouse() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// deliver writes what is left in the outbox, until it is closed or life is over.
func (o *outbox) deliver(life context.Context) {
	defer func() { _ = o.Conn.Close() }()
	defer func() { _ = o.Close() }()
	for batch, open := o.take(nil); open || len(batch) > 0; batch, open = o.take(batch[:0]) {
		if len(batch) > 0 {
			if _, err := o.Conn.Write(batch); err != nil {
				return
			}
			continue
		}
		select {
		case <-o.wake:
		case <-life.Done():
			_ = o.Close()
		}
	}
}

// take returns what is unsent, which has writeTimeout from now, and leaves the
// empty batch in its place; false if there will be no more.
func (o *outbox) take(empty []byte) ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch := o.unsent
	o.unsent = empty
	if !o.closed && len(batch) > 0 {
		_ = o.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	return batch, !o.closed
}
