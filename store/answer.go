package store

import (
	"context"
	"fmt"

	"maskd/mapping"
)

// answer is what the caller of a change waits for.
type answer chan error

func newAnswer() answer { return make(answer, 1) }

// give answers, once: the writer must not wait for somebody who has his answer.
func (a answer) give(err error) {
	select {
	case a <- err:
	default:
	}
}

// submit queues a change, unless as many as the limit wait already, and waits
// for its answer. If the context ends first the change goes on without its
// caller. queued is false if it was not even queued, and will never be settled.
func (db *DB) submit(ctx context.Context, c change, limit int, a answer) (queued bool, err error) {
	if err := db.enqueue(ctx, c, limit); err != nil {
		return false, err
	}
	return true, a.await(ctx)
}

// enqueue queues a change, unless as many as the limit wait already.
func (db *DB) enqueue(ctx context.Context, c change, limit int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !db.writer.queue.push(c, limit) {
		return fmt.Errorf("queue change: %w", mapping.ErrUnavailable)
	}
	return nil
}

// await waits for the answer, or the end of the context.
func (a answer) await(ctx context.Context) error {
	select {
	case err := <-a:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// barrier is a change of nothing: it is answered when everything queued before
// it is durable.
type barrier struct{ done answer }

func (b *barrier) apply(*txn) error { return nil }
func (b *barrier) settle(err error) { b.done.give(err) }

// Flush returns when everything recorded before it is durable, or the error
// for which it is not.
func (db *DB) Flush(ctx context.Context) error {
	b := &barrier{done: newAnswer()}
	_, err := db.submit(ctx, b, noLimit, b.done)
	return err
}
