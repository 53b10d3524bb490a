package relay

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"time"
)

// Config is what a mover is given.
type Config struct {
	Listen  []netip.Addr     // the addresses to bind: one of each family at most, the preferred one first
	Ports   PortRange        // where port pairs are taken from
	Rest    time.Duration    // how long a released pair rests; 0: DefaultRest
	Silence time.Duration    // how long a peer that should be heard may be silent; 0: DefaultSilence
	DSCP    uint8            // marks all that is sent, 0-63 (RFC 2474); 46 is EF, usual for sound
	Workers int              // threads that move packets, where the system has such; 0: one for two processors
	Spin    time.Duration    // how long a thread goes on looking for packets before it sleeps, up to MaxSpin
	Random  io.Reader        // seeds the choice of ports; nil: crypto/rand
	Now     func() time.Time // nil: time.Now

	// OwnPlaces says that there are places for the threads to run Go in beside those that all others
	// need (see runtime.GOMAXPROCS). A thread then keeps its own while packets come.
	OwnPlaces bool

	interval time.Duration // mean time between reports; 0: reportInterval
}

// DefaultRest is about as long as a BYE is retransmitted to a peer that goes on talking because
// it has not received it (32 s, Timer F, RFC 3261 section 17.1.2.2).
const DefaultRest = 30 * time.Second

// DefaultSilence is long enough for any pause of a peer that sends nothing while nobody speaks: it
// still reports every 5 s or so.
const DefaultSilence = 60 * time.Second

// MaxSpin is far longer than the pause between packets of a machine on which it is any use to spin.
const MaxSpin = time.Millisecond

// maxDSCP is what fits into the six bits of the field.
const maxDSCP = 63

// DefaultWorkers leaves half of the processors to receive what the network sends, and to do the rest.
func DefaultWorkers() int { return max(1, runtime.NumCPU()/2) }

func (c Config) withDefaults() Config {
	if c.Rest == 0 {
		c.Rest = DefaultRest
	}
	if c.Silence == 0 {
		c.Silence = DefaultSilence
	}
	if c.Workers <= 0 {
		c.Workers = DefaultWorkers()
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.interval == 0 {
		c.interval = reportInterval
	}
	return c
}

func (c Config) validate() error {
	if c.DSCP > maxDSCP {
		return fmt.Errorf("dscp %d: must be at most %d", c.DSCP, maxDSCP)
	}
	if c.Spin < 0 || c.Spin > MaxSpin {
		return fmt.Errorf("spin %s: must be at most %s", c.Spin, MaxSpin)
	}
	if err := hosts(c.Listen).validate(); err != nil {
		return err
	}
	return c.Ports.Validate()
}
