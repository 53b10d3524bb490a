//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"
)

// launchDirect moves nothing: each phone sends to the other, and in place of a mover the system itself
// forwards what comes. What that takes is the wire's, and not the mover's.
func launchDirect(b *bed, t task) (*contender, error) {
	if err := b.forward(true); err != nil {
		return nil, err
	}
	c := &contender{close: func() { _ = b.forward(false) }}
	for _, call := range t.Calls {
		c.To = append(c.To, [2]netip.AddrPort{call[1], call[0]})
	}
	return c, nil
}

// forward has the middle forward packets, or no longer, as is usual. On loopback there is nothing between.
func (b *bed) forward(on bool) error {
	if b.spaces[middle] == "" {
		return nil
	}
	setting := "0"
	if on {
		setting = "1"
	}
	return b.within(middle, func() error {
		if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte(setting), 0o644); err != nil {
			return fmt.Errorf("forward packets: %w", err)
		}
		return nil
	})
}
