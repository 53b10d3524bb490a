package edge

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestTheFirstTrunkThatAcceptsTakesTheMessage(t *testing.T) {
	west, east := carrier("10.1.0.0/16", "2001:db8::/48"), carrier("10.0.0.0/8")
	west.Name, east.Name = "west", "east"
	all := trunks{&west, &east}
	for addr, want := range map[string]string{
		"10.1.2.3":         "west",
		"10.2.2.3":         "east",
		"::ffff:10.1.2.3":  "west", // as a dual-stack socket writes it
		"2001:db8::1":      "west",
		"2001:db8:1::1":    "",
		"11.0.0.1":         "",
		"::ffff:11.0.0.1":  "",
		"::10.1.2.3":       "", // no longer an IPv4 address
		"fe80::1%loopback": "",
	} {
		trunk, ok := all.from(netip.MustParseAddr(addr))
		if got := nameOf(trunk); got != want || ok != (want != "") {
			t.Errorf("%s: trunk %q, want %q", addr, got, want)
		}
	}
	if trunk, ok := all.from(netip.Addr{}); ok {
		t.Errorf("no address at all: trunk %q", trunk.Name)
	}
	if _, ok := all.named("north"); ok {
		t.Error("there is no trunk of that name")
	}
}

func nameOf(t *Trunk) string {
	if t == nil {
		return ""
	}
	return t.Name
}

// An address is let in if it has the bits of a prefix, and never else. The bits
// are compared here one at a time.
func TestNoAddressOutsideEveryPrefixIsLetIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ts := make(trunks, rapid.IntRange(0, 3).Draw(t, "trunks"))
		for i := range ts {
			ts[i] = new(Trunk)
			ts[i].Accept = rapid.SliceOfN(rapid.Custom(drawPrefix), 0, 3).Draw(t, "accept")
		}
		addr := rapid.Custom(drawAddr).Draw(t, "address")
		want := -1
		for i := len(ts) - 1; i >= 0; i-- {
			for _, p := range ts[i].Accept {
				if within(addr, p) {
					want = i
				}
			}
		}
		for _, form := range []netip.Addr{addr, netip.AddrFrom16(addr.As16())} {
			trunk, ok := ts.from(form)
			if ok != (want >= 0) || ok && trunk != ts[want] {
				t.Fatalf("%v in %v: %v, want trunk %d", form, ts, ok, want)
			}
		}
	})
}

// drawAddr draws from few bits, so that prefixes are often hit and often just missed.
func drawAddr(t *rapid.T) netip.Addr {
	last := rapid.Byte().Draw(t, "last")
	if rapid.Bool().Draw(t, "six") {
		return netip.AddrFrom16([16]byte{0x20, 1, 15: last})
	}
	return netip.AddrFrom4([4]byte{10, rapid.ByteRange(0, 3).Draw(t, "second"), 0, last})
}

func drawPrefix(t *rapid.T) netip.Prefix {
	addr := drawAddr(t)
	return netip.PrefixFrom(addr, rapid.IntRange(0, addr.BitLen()).Draw(t, "bits"))
}

func within(addr netip.Addr, p netip.Prefix) bool {
	if addr.BitLen() != p.Addr().BitLen() {
		return false
	}
	a, b := addr.AsSlice(), p.Addr().AsSlice()
	for i := range p.Bits() {
		if (a[i/8]^b[i/8])>>(7-i%8)&1 != 0 {
			return false
		}
	}
	return true
}
