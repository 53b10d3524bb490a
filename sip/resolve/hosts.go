package resolve

import (
	"bufio"
	"context"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// hostsTTL is how soon a change of the hosts file is seen.
const hostsTTL = time.Minute

// WithHosts looks into the system's hosts file first, as whoever edits that
// file expects.
func WithHosts(file string, next Lookup) Lookup {
	return func(ctx context.Context, q Question) (Answer, error) {
		if q.Kind != A && q.Kind != AAAA {
			return next(ctx, q)
		}
		addrs := hostsOf(file, q.Name)
		if len(addrs) == 0 {
			return next(ctx, q)
		}
		other := func(addr netip.Addr) bool { return addr.Is4() != (q.Kind == A) }
		return Answer{Addrs: slices.DeleteFunc(addrs, other), TTL: hostsTTL}, nil
	}
}

// hostsOf returns the addresses that the file gives the name; none if it can't
// be read.
func hostsOf(file, name string) []netip.Addr {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	return readHosts(f, canonical(name))
}

func readHosts(r io.Reader, name string) (addrs []netip.Addr) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) < 2 || !slices.ContainsFunc(fields[1:], func(n string) bool { return canonical(n) == name }) {
			continue
		}
		if addr, err := netip.ParseAddr(fields[0]); err == nil {
			addrs = append(addrs, addr.Unmap())
		}
	}
	return addrs
}
