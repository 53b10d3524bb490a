package edge

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"
)

// lastWords is how long a trunk is still heard after its last call: as long as
// a transaction answers a request that comes again (RFC 3261 timer J).
const lastWords = 32 * time.Second

// seeOff waits until a trunk that leaves has no more calls, and forgets it.
func (e *Edge) seeOff(ctx context.Context, t *Trunk) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for quiet := time.Duration(0); quiet < lastWords; quiet += pulse {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if e.legs.has(t) {
			quiet = 0
		}
	}
	e.forget(t)
}

// forget takes a trunk that has left out of the peering, and the listeners to
// which nobody gets any more who has proven what a trunk asks.
func (e *Edge) forget(t *Trunk) {
	e.changing.Lock()
	defer e.changing.Unlock()
	if e.closing.Load() {
		return
	}
	peers := *e.peers()
	peers.leaving = slices.DeleteFunc(slices.Clone(peers.leaving), func(left *Trunk) bool { return left == t })
	retired := slices.DeleteFunc(slices.Clone(peers.listeners), peers.needs)
	peers.listeners = slices.DeleteFunc(slices.Clone(peers.listeners), func(l *listener) bool { return !peers.needs(l) })
	e.peering.Store(&peers)
	for _, l := range retired {
		l.retired.Store(true)
		l.close()
	}
	e.log.Info("trunk has left", zap.String("trunk", t.Name))
}
