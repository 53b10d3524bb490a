package media

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"maskd/media/relay"
)

// PortRange is an inclusive range of UDP ports; Validate says what is wrong with one.
type PortRange = relay.PortRange

// Config is what the engine is given.
type Config struct {
	Listen    netip.Addr    // the address that sound arrives at and leaves from
	Advertise netip.Addr    // the address written into SDP; zero: Listen
	Ports     PortRange     // where port pairs are taken from
	Rest      time.Duration // how long a released port rests before it is used again; 0: 30 s
	Silence   time.Duration // how long a peer that should be heard may send nothing before it is Silent; 0: 60 s
	DSCP      uint8         // marks all that is sent, 0-63 (RFC 2474)
	Spin      time.Duration // how long such a thread goes on looking for packets before it sleeps, up to MaxSpin
	Workers   int           // threads that move packets, where the system has such; 0: one for two processors

	// Random is where all that must not be guessed is drawn from; nil: crypto/rand. A test
	// that gives a fixed stream gets the same bytes on the wire each time.
	Random io.Reader
}

// Validate says in words for the operator what is wrong with the configuration, if anything is.
func (c Config) Validate() error {
	advertise := c.advertise()
	switch {
	case !c.Listen.IsValid():
		return errors.New("media listen: an IP address is needed")
	case advertise.IsUnspecified():
		return fmt.Errorf("media advertise: an address that peers can reach is needed where listen is %s", c.Listen)
	case advertise.IsMulticast():
		return fmt.Errorf("media advertise: %s is a multicast group", advertise)
	case c.Listen.Is4() && !advertise.Is4():
		return fmt.Errorf("media advertise: %s can't be reached where listen is %s", advertise, c.Listen)
	case c.Rest < 0:
		return fmt.Errorf("media rest: %s is negative", c.Rest)
	case c.Silence < 0:
		return fmt.Errorf("media silence: %s is negative", c.Silence)
	case c.DSCP > maxDSCP:
		return fmt.Errorf("media dscp: %d is more than %d", c.DSCP, maxDSCP)
	case c.Spin < 0 || c.Spin > MaxSpin:
		return fmt.Errorf("media spin: %s is not from 0 to %s", c.Spin, MaxSpin)
	case c.Workers < 0:
		return fmt.Errorf("media workers: %d is negative", c.Workers)
	}
	if err := c.Ports.Validate(); err != nil {
		return fmt.Errorf("media ports: %w", err)
	}
	return nil
}

// MaxSpin is the most that Config.Spin may be.
const MaxSpin = relay.MaxSpin

// maxDSCP is what fits into six bits.
const maxDSCP = 63

// advertise is the address for SDP.
func (c Config) advertise() netip.Addr {
	if c.Advertise.IsValid() {
		return c.Advertise.Unmap()
	}
	return c.Listen.Unmap()
}

// reach is where sound may be sent.
func (c Config) reach() reach {
	listen, advertise := c.Listen.Unmap(), c.advertise()
	return reach{
		ipv4: advertise.Is4(), host: listen.IsLoopback() || advertise.IsLoopback(), own: [2]netip.Addr{advertise, listen},
	}
}

func (c Config) relay() relay.Config {
	return relay.Config{
		Listen: c.Listen, Ports: c.Ports, Rest: c.Rest, Silence: c.Silence, DSCP: c.DSCP,
		Spin: c.Spin, Workers: c.Workers, Random: c.Random,
	}
}
