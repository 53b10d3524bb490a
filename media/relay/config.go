package relay

import (
	"crypto/rand"
	"io"
	"net/netip"
	"time"
)

// Config is what a mover is given.
type Config struct {
	Listen netip.Addr       // the address to bind
	Ports  PortRange        // where port pairs are taken from
	Rest   time.Duration    // how long a released pair rests; 0: DefaultRest
	Random io.Reader        // seeds the choice of ports; nil: crypto/rand
	Now    func() time.Time // nil: time.Now
}

// DefaultRest is about as long as a BYE is retransmitted to a peer that goes on talking because
// it has not received it (32 s, Timer F, RFC 3261 section 17.1.2.2).
const DefaultRest = 30 * time.Second

func (c Config) withDefaults() Config {
	if c.Rest == 0 {
		c.Rest = DefaultRest
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
