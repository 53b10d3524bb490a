package store

import (
	"context"
	"sync"
)

// claims are the external ids and the keys of the creates under way. A second
// create of the same one waits until the first is settled, and then finds it.
type claims struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is released
}

func newClaims() *claims { return &claims{taken: make(map[string]chan struct{})} }

// claimed are the names of one create. A key is claimed before an external id:
// whoever waits for an external id thus holds nothing that its holder waits for.
type claimed struct{ key, external string }

// keyed sets keys apart from external ids, and either from the tenant.
const keyed = "\x00"

func (c *claims) claimBoth(ctx context.Context, names claimed) error {
	if err := c.claim(ctx, names.key); err != nil {
		return err
	}
	if err := c.claim(ctx, names.external); err != nil {
		c.release(names.key)
		return err
	}
	return nil
}

func (c *claims) releaseBoth(names claimed) {
	c.release(names.external)
	c.release(names.key)
}

// claim waits for its turn and takes it. The empty name is nobody's.
func (c *claims) claim(ctx context.Context, external string) error {
	for external != "" {
		turn, ok := c.take(external)
		if ok {
			return nil
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *claims) take(external string) (wait <-chan struct{}, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn, taken := c.taken[external]; taken {
		return turn, false
	}
	c.taken[external] = make(chan struct{})
	return nil, true
}

func (c *claims) release(external string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn, taken := c.taken[external]; taken {
		close(turn)
		delete(c.taken, external)
	}
}
