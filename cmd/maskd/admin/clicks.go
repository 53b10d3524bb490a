package admin

import (
	"sync"
	"time"

	"maskd/mapping"
	"maskd/sip"
)

// clickLife is how long the request for a call is known by its key, as that for
// an interaction is.
const clickLife = 24 * time.Hour

// maxClicks bounds what is known: some 2 MB. Above it the oldest is forgotten
// before its time.
const maxClicks = 10_000

// clicks are the calls that were begun by a request with a key, so that the
// request can be sent again and nobody's phone rings twice. They are in memory
// only: what they have begun does not outlive the daemon either.
type clicks struct {
	mu    sync.Mutex
	calls map[clickKey]click
	order []clickKey // oldest first
}

// clickKey is a request's key within its interaction.
type clickKey struct {
	interaction mapping.ID
	key         string
}

type click struct {
	asked sip.Origination
	call  mapping.ID
	at    time.Time
}

// once begins the call, unless the same request with that key has begun one
// already: then it is that one. Errors: [mapping.ErrReused], or begin's.
func (c *clicks) once(key string, o sip.Origination, at time.Time, begin func(sip.Origination) (mapping.ID, error)) (call mapping.ID, begun bool, err error) {
	if key == "" {
		call, err = begin(o)
		return call, err == nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(at)
	as := clickKey{o.Interaction, key}
	switch known, ok := c.calls[as]; {
	case ok && known.asked != o:
		return call, false, mapping.ErrReused
	case ok:
		return known.call, false, nil
	}
	if call, err = begin(o); err != nil {
		return call, false, err
	}
	if c.calls == nil {
		c.calls = make(map[clickKey]click)
	}
	c.calls[as] = click{asked: o, call: call, at: at}
	c.order = append(c.order, as)
	return call, true, nil
}

// forget forgets what is too old, or one too many.
func (c *clicks) forget(at time.Time) {
	for len(c.order) > 0 && (len(c.order) >= maxClicks || at.Sub(c.calls[c.order[0]].at) >= clickLife) {
		delete(c.calls, c.order[0])
		c.order = c.order[1:]
	}
}
