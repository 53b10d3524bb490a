package edge

import (
	"context"
	"sync"
)

// parting is the moment at which nobody waits for the final response to a
// request of ours any more, although it has not come. nil is never. Safe for use
// by many goroutines.
type parting struct {
	mu    sync.Mutex
	gone  bool
	then  []func()
	usual [1]func() // a place for it
}

// partingOf is when a context is done.
func partingOf(ctx context.Context) (p *parting, stop func() bool) {
	p = new(parting)
	return p, context.AfterFunc(ctx, p.come)
}

// come says that it is now.
func (p *parting) come() {
	p.mu.Lock()
	then := p.then
	p.gone, p.then = true, nil
	p.mu.Unlock()
	for _, f := range then {
		f()
	}
}

// has reports whether it has come.
func (p *parting) has() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// on has f called when it comes, or at once.
func (p *parting) on(f func()) {
	if p == nil {
		return
	}
	p.mu.Lock()
	gone := p.gone
	if p.then == nil {
		p.then = p.usual[:0]
	}
	if !gone {
		p.then = append(p.then, f)
	}
	p.mu.Unlock()
	if gone {
		f()
	}
}
