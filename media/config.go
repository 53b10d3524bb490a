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
	Listen    []netip.Addr  // the addresses that sound arrives at and leaves from: one of each family at most, the usual one first
	Advertise []netip.Addr  // the addresses written into SDP, where it is not the one of Listen of the same family
	Ports     PortRange     // where port pairs are taken from
	Rest      time.Duration // how long a released port rests before it is used again; 0: 30 s
	Silence   time.Duration // how long a peer that should be heard may send nothing before it is Silent; 0: 60 s
	DSCP      uint8         // marks all that is sent, 0-63 (RFC 2474)
	Spin      time.Duration // how long such a thread goes on looking for packets before it sleeps, up to MaxSpin
	Workers   int           // threads that move packets, where the system has such; 0: one for two processors

	// OwnPlaces says that there are places for these threads to run Go in beside those that all others
	// need (see runtime.GOMAXPROCS): they may keep them, so that sound waits for nobody.
	OwnPlaces bool

	// Random is where all that must not be guessed is drawn from; nil: crypto/rand. A test
	// that gives a fixed stream gets the same bytes on the wire each time.
	Random io.Reader
}

// Validate says in words for the operator what is wrong with the configuration, if anything is.
func (c Config) Validate() error {
	if err := c.validateAddresses(); err != nil {
		return err
	}
	switch {
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

func (c Config) validateAddresses() error {
	if len(c.Listen) == 0 {
		return errors.New("media listen: an IP address is needed")
	}
	for i, addr := range c.Listen {
		switch family := FamilyOf(addr); {
		case family == 0:
			return errors.New("media listen: an IP address is needed")
		case ofFamily(c.Listen[:i], family).IsValid():
			return fmt.Errorf("media listen: %s is a second address of %s", addr, family)
		}
	}
	for i, addr := range c.Advertise {
		switch family := FamilyOf(addr); {
		case addr.IsMulticast():
			return fmt.Errorf("media advertise: %s is a multicast group", addr)
		case !ofFamily(c.Listen, family).IsValid():
			return fmt.Errorf("media advertise: %s can't be reached where listen is %v", addr, c.Listen)
		case ofFamily(c.Advertise[:i], family).IsValid():
			return fmt.Errorf("media advertise: %s is a second address of %s", addr, family)
		}
	}
	for _, p := range c.reach() {
		if p.advertise.IsUnspecified() {
			return fmt.Errorf("media advertise: an address that peers can reach is needed where listen is %s", p.listen)
		}
	}
	return nil
}

// MaxSpin is the most that Config.Spin may be.
const MaxSpin = relay.MaxSpin

// DefaultWorkers is how many threads move packets, where the system has such.
func DefaultWorkers() int { return relay.DefaultWorkers() }

// maxDSCP is what fits into six bits.
const maxDSCP = 63

// reach is where we are, in the order of Listen.
func (c Config) reach() (all reach) {
	for _, listen := range c.Listen {
		listen = listen.Unmap()
		advertise := listen
		if other := ofFamily(c.Advertise, FamilyOf(listen)); other.IsValid() {
			advertise = other
		}
		all = append(all, place{listen: listen, advertise: advertise})
	}
	return all
}

// ofFamily is the first address of a family; zero: there is none.
func ofFamily(addrs []netip.Addr, family Family) netip.Addr {
	for _, addr := range addrs {
		if FamilyOf(addr) == family {
			return addr.Unmap()
		}
	}
	return netip.Addr{}
}

func (c Config) relay() relay.Config {
	var listen []netip.Addr
	for _, p := range c.reach() {
		listen = append(listen, p.listen)
	}
	return relay.Config{
		Listen: listen, Ports: c.Ports, Rest: c.Rest, Silence: c.Silence, DSCP: c.DSCP,
		Spin: c.Spin, Workers: c.Workers, OwnPlaces: c.OwnPlaces, Random: c.Random,
	}
}
