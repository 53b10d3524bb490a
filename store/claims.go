package store

import (
	"context"
	"sync"
)

// claims are the external ids of the creates under way. A second create of the
// same one waits until the first is settled, and then finds it.
type claims struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is released
}

func newClaims() *claims { return &claims{taken: make(map[string]chan struct{})} }

// claim waits for its turn and takes it. The empty external id is nobody's.
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
