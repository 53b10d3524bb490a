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

// visitor is who has made a connection to us.
type visitor struct {
	source netip.Addr
	trunk  string
}

// guests counts the connections that others have made to us.
type guests struct {
	mu  sync.Mutex
	all int
	of  map[netip.Addr]int
	by  map[string]int // trunk
}

func newGuests() *guests { return &guests{of: make(map[netip.Addr]int), by: make(map[string]int)} }

// enter counts a connection, and reports false if there are too many. Of so many
// trunks each has an equal share, or one with many hosts would leave the others
// without.
func (g *guests) enter(v visitor, trunks int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	share := max(maxGuests/max(trunks, 1), 1)
	if g.all >= maxGuests || g.by[v.trunk] >= share || g.of[v.source] >= maxGuestsOfOne {
		return false
	}
	g.all++
	g.by[v.trunk]++
	g.of[v.source]++
	return true
}

// leave undoes enter.
func (g *guests) leave(v visitor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.by[v.trunk]--; g.by[v.trunk] == 0 {
		delete(g.by, v.trunk)
	}
	if g.of[v.source]--; g.of[v.source] == 0 {
		delete(g.of, v.source)
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
