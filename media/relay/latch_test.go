package relay

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// heardAt is a packet that comes to a latch.
type heardAt struct {
	source   string
	ssrc     uint32
	sequence uint16
	ms       int
	admitted bool
}

const (
	signalled = "192.0.2.1:4000"
	otherPort = "192.0.2.1:4444"
	thirdPort = "192.0.2.1:5555"
	stranger  = "198.51.100.7:4000"
)

func TestLatch(t *testing.T) {
	for name, c := range map[string]struct {
		nat   bool
		heard []heardAt
		peer  string
	}{
		"without NAT the signalled address is heard from the first packet on": {
			false, []heardAt{{signalled, 1, 7, 0, true}}, signalled,
		},
		"without NAT nobody else ever is": {
			false, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false}, {otherPort, 1, 3, 40, false},
				{otherPort, 1, 4, 60, false}, {otherPort, 1, 5, 80, false}, {stranger, 1, 6, 80, false},
			}, signalled,
		},
		"with NAT the fourth packet in sequence from another port is heard": {
			true, []heardAt{
				{otherPort, 1, 65534, 0, false}, {otherPort, 1, 65535, 20, false}, {otherPort, 1, 0, 40, false},
				{otherPort, 1, 1, 60, true}, {otherPort, 9, 77, 5000, true},
			}, otherPort,
		},
		"with NAT the signalled address locks at once": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {signalled, 2, 9, 10, true}, {otherPort, 1, 2, 20, false},
				{otherPort, 1, 3, 40, false}, {otherPort, 1, 4, 60, false},
			}, signalled,
		},
		"once locked, the signalled address is as strange as any": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false}, {otherPort, 1, 3, 40, false},
				{otherPort, 1, 4, 60, true}, {signalled, 2, 1, 80, false}, {thirdPort, 2, 1, 80, false},
			}, otherPort,
		},
		"another address never passes a trial": {
			true, []heardAt{
				{stranger, 1, 1, 0, false}, {stranger, 1, 2, 20, false}, {stranger, 1, 3, 40, false},
				{stranger, 1, 4, 60, false}, {stranger, 1, 5, 80, false},
			}, signalled,
		},
		"a gap begins the trial anew": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false}, {otherPort, 1, 4, 40, false},
				{otherPort, 1, 5, 60, false}, {otherPort, 1, 6, 80, false}, {otherPort, 1, 7, 100, true},
			}, otherPort,
		},
		"another SSRC begins the trial anew": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false}, {otherPort, 1, 3, 40, false},
				{otherPort, 2, 4, 60, false},
			}, signalled,
		},
		"a third port has a trial of its own": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false}, {thirdPort, 1, 3, 40, false},
				{otherPort, 1, 3, 60, false}, {thirdPort, 1, 4, 60, false},
				{otherPort, 1, 4, 80, true}, {thirdPort, 1, 5, 80, false}, {thirdPort, 1, 6, 80, false},
			}, otherPort,
		},
		"more ports than are tried at once don't end a trial that is ahead": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 20, false},
				{"192.0.2.1:1", 1, 1, 20, false}, {"192.0.2.1:2", 1, 1, 20, false}, {"192.0.2.1:3", 1, 1, 20, false},
				{"192.0.2.1:4", 1, 1, 20, false}, {"192.0.2.1:5", 1, 1, 20, false}, {"192.0.2.1:6", 1, 1, 20, false},
				{otherPort, 1, 3, 40, false}, {otherPort, 1, 4, 60, true},
			}, otherPort,
		},
		"a trial that takes too long fails": {
			true, []heardAt{
				{otherPort, 1, 1, 0, false}, {otherPort, 1, 2, 100, false}, {otherPort, 1, 3, 250, false},
				{otherPort, 1, 4, 251, false},
			}, signalled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := signal(c.nat)
			for i, h := range c.heard {
				got := l.admit(netip.MustParseAddrPort(h.source), h.ssrc, h.sequence, start.Add(time.Duration(h.ms)*time.Millisecond))
				if got != h.admitted {
					t.Errorf("packet %d: admitted %v", i, got)
				}
			}
			if l.peer.String() != c.peer {
				t.Errorf("the peer is at %s, want %s", l.peer, c.peer)
			}
		})
	}
}

func signal(nat bool) *latch {
	l := new(latch)
	at := netip.MustParseAddrPort(signalled)
	l.signal(whereabouts{rtp: at, rtcp: above(at), nat: nat})
	return l
}

func locked(t *testing.T) *latch {
	t.Helper()
	l := signal(true)
	for sequence := range uint16(trialPackets) {
		l.admit(netip.MustParseAddrPort(otherPort), 1, sequence, start)
	}
	if l.lockedOn() != netip.MustParseAddrPort(otherPort) {
		t.Fatal("not locked")
	}
	return l
}

func TestLockHoldsUntilTheSDPSaysOtherwise(t *testing.T) {
	l := locked(t)
	said := l.signalled
	if l.signal(said); l.lockedOn().String() != otherPort {
		t.Error("the same SDP opened the lock")
	}
	said.rtp = netip.MustParseAddrPort("192.0.2.1:6000")
	if l.signal(said); l.lockedOn().IsValid() || l.peer != said.rtp {
		t.Error("another address left it locked")
	}
}

func TestReportsFollowTheLock(t *testing.T) {
	named := netip.MustParseAddrPort("192.0.2.1:9999")
	for name, c := range map[string]struct {
		change func(*whereabouts)
		want   string
	}{
		"the port above":        {func(*whereabouts) {}, "192.0.2.1:4445"},
		"where the SDP said":    {func(w *whereabouts) { w.rtcp = named }, "192.0.2.1:9999"},
		"the same port, by mux": {func(w *whereabouts) { w.mux = true }, otherPort},
	} {
		l := locked(t)
		c.change(&l.signalled)
		if got := l.reportsTo().String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestReportsBehindANATAreFound(t *testing.T) {
	type report struct {
		source      string
		ofTheSource bool
		admitted    bool
	}
	const mapped, other = "192.0.2.1:7000", "192.0.2.1:8000"
	for name, c := range map[string]struct {
		change func(*latch)
		heard  []report
		want   string // where reports go
		locked bool
	}{
		"at another port":                      {func(*latch) {}, []report{{mapped, true, true}, {other, true, false}, {mapped, false, true}}, "192.0.2.1:4445", false},
		"where expected":                       {func(*latch) {}, []report{{"192.0.2.1:4445", true, true}, {mapped, true, false}}, "192.0.2.1:4445", false},
		"where expected, of whom is not known": {func(*latch) {}, []report{{"192.0.2.1:4445", false, true}, {mapped, true, true}}, "192.0.2.1:4445", false},
		"not of the source":                    {func(*latch) {}, []report{{mapped, false, false}}, "192.0.2.1:4445", false},
		"of another address":                   {func(*latch) {}, []report{{stranger, true, false}}, "192.0.2.1:4445", false},
		"before the lock":                      {func(l *latch) { l.locked = false }, []report{{mapped, true, false}}, "192.0.2.1:4445", false},
		"by the shared port":                   {func(l *latch) { l.signalled.mux = true }, []report{{mapped, true, false}, {otherPort, true, true}}, otherPort, true},
		"without NAT":                          {func(l *latch) { l.signalled.nat = false }, []report{{mapped, true, false}}, "192.0.2.1:4445", true},
	} {
		l := locked(t)
		c.change(l)
		for i, h := range c.heard {
			source := netip.MustParseAddrPort(h.source)
			if got := l.suspectsReport(source) && l.admitReport(source, h.ofTheSource); got != h.admitted {
				t.Errorf("%s: report %d: admitted %t", name, i, got)
			}
		}
		if at := l.reportsTo().String(); at != c.want || l.reportsLockedOn().IsValid() != c.locked {
			t.Errorf("%s: reports go to %s, locked on %s", name, at, l.reportsLockedOn())
		}
	}
}

func TestNobodyIsHeardWithoutAnAddress(t *testing.T) {
	for _, nat := range []bool{false, true} {
		l := new(latch)
		l.signal(whereabouts{nat: nat})
		if l.admit(netip.MustParseAddrPort(stranger), 1, 1, start) || l.admit(netip.AddrPort{}, 1, 1, start) {
			t.Error("somebody was heard")
		}
	}
}

// Whatever comes: the peer is at an IP address that the SDP named, without NAT at its port, and
// nobody is heard but the peer.
func FuzzLatch(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(neverStrays))
}

func TestLatchNeverStrays(t *testing.T) { rapid.Check(t, neverStrays) }

func neverStrays(t *rapid.T) {
	l, nat := new(latch), rapid.Bool().Draw(t, "nat")
	sources := []string{signalled, otherPort, thirdPort, stranger, "192.0.2.2:4444"}
	now, said := start, netip.AddrPort{}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		source := netip.MustParseAddrPort(rapid.SampledFrom(sources).Draw(t, "source"))
		if rapid.IntRange(0, 9).Draw(t, "step") == 0 {
			said = source
			l.signal(whereabouts{rtp: said, rtcp: above(said), nat: nat})
			continue
		}
		now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "ms")) * time.Millisecond)
		was := l.lockedOn()
		heard := l.admit(source, rapid.Uint32Range(1, 2).Draw(t, "ssrc"), rapid.Uint16Range(0, 3).Draw(t, "sequence"), now)
		switch {
		case heard && source != l.peer:
			t.Fatalf("%s was heard, the peer is at %s", source, l.peer)
		case l.peer.Addr() != said.Addr() || !nat && l.peer != said:
			t.Fatalf("the peer is at %s, the SDP said %s", l.peer, said)
		case was.IsValid() && l.lockedOn() != was:
			t.Fatalf("the lock moved from %s to %s", was, l.lockedOn())
		}
	}
}
