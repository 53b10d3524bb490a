package edge

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// refresh is how often the names of gateways are looked up. A call never waits
// for DNS: it uses what the last look-up found.
const refresh = time.Minute

// lookupTimeout bounds one look-up.
const lookupTimeout = 5 * time.Second

// gatewayBook knows the addresses of the configured gateways. No other name is
// ever looked up: a look-up of a name from a message would tell its author
// that we read it, and when.
type gatewayBook struct {
	mu    sync.RWMutex
	addrs map[string]netip.Addr // by host
}

func newGatewayBook(trunks []Trunk) *gatewayBook {
	book := &gatewayBook{addrs: make(map[string]netip.Addr)}
	for _, trunk := range trunks {
		for _, g := range trunk.Gateways {
			addr, _ := netip.ParseAddr(g.Host) // invalid for a name, until it is looked up
			book.addrs[g.Host] = addr
		}
	}
	return book
}

// addr returns the address of a gateway, if it is known.
func (b *gatewayBook) addr(g Gateway) (netip.AddrPort, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	addr := b.addrs[g.Host]
	return netip.AddrPortFrom(addr, g.Port), addr.IsValid()
}

// has reports whether the address is a gateway's.
func (b *gatewayBook) has(addr netip.Addr) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, known := range b.addrs {
		if known.Unmap() == addr {
			return true
		}
	}
	return false
}

// names returns the hosts that are no IP literals.
func (b *gatewayBook) names() []string {
	var names []string
	for host := range b.addrs {
		if _, err := netip.ParseAddr(host); err != nil {
			names = append(names, host)
		}
	}
	return names
}

// keep looks up the names now and then, until ctx is done.
func (b *gatewayBook) keep(ctx context.Context, names []string) {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		for _, name := range names {
			b.lookup(ctx, name)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lookup keeps the address last known if DNS fails.
func (b *gatewayBook) lookup(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil || len(addrs) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addrs[name] = addrs[0].Unmap()
}
