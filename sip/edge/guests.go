package edge

import (
	"net"
	"net/netip"
	"sync"
)

// How many connections may be open that others have made to us. A carrier's
// border keeps a few for each of its hosts; each costs us a goroutine and a
// buffer of 32 kB.
const (
	maxGuestsOfOne = 256
	maxGuests      = 1024
)

// guests counts the connections that others have made to us.
type guests struct {
	mu  sync.Mutex
	all int
	of  map[netip.Addr]int
}

func newGuests() *guests { return &guests{of: make(map[netip.Addr]int)} }

// enter counts a connection, and reports false if there are too many.
func (g *guests) enter(source netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= maxGuests || g.of[source] >= maxGuestsOfOne {
		return false
	}
	g.all++
	g.of[source]++
	return true
}

// leave undoes enter.
func (g *guests) leave(source netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.of[source]--; g.of[source] == 0 {
		delete(g.of, source)
	}
}

// guest is a connection that is counted until it is closed.
type guest struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close closes the connection, and makes room for another.
func (g *guest) Close() error {
	g.once.Do(g.leave)
	return g.Conn.Close()
}
