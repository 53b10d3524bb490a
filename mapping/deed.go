package mapping

import (
	"context"
	"sync/atomic"
)

// Deed is a request at work, as the audit log will tell of it. Its context
// carries it down to the store: a change writes the entry in its own commit.
// What no change has told of is told when the request is answered.
type Deed struct {
	Actor  Actor
	Action Action
	Object Object // as far as it is known
	Reason string

	told atomic.Bool
}

type deedKey struct{}

// WithDeed returns a context of work that is done for the deed.
func WithDeed(ctx context.Context, d *Deed) context.Context {
	return context.WithValue(ctx, deedKey{}, d)
}

// DeedOf returns the deed that the work is done for. Without one the daemon does
// it by itself.
func DeedOf(ctx context.Context) *Deed {
	if d, ok := ctx.Value(deedKey{}).(*Deed); ok {
		return d
	}
	return &Deed{}
}

// Told notes that a durable entry tells of the deed.
func (d *Deed) Told() { d.told.Store(true) }

// IsTold reports whether a durable entry tells of the deed.
func (d *Deed) IsTold() bool { return d.told.Load() }
