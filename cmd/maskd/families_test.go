package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mixedLine is the pool of calls between the two versions of IP.
const mixedLine = "mixed"

// TestCallsBetweenIPv4AndIPv6EndToEnd has sipp call by one version of IP and
// answer by the other. What a wire-tap sees leave one leg is what entered the
// other, both ways.
func TestCallsBetweenIPv4AndIPv6EndToEnd(t *testing.T) {
	for name, fromSix := range map[string]bool{"from IPv4": false, "from IPv6": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, line{name: mixedLine, transport: "udp"})
			l := s.line(mixedLine)
			ports := freePorts(netip.IPv6Loopback(), 2)
			four, six := netip.AddrPortFrom(s.addr(1), 5060), netip.AddrPortFrom(netip.IPv6Loopback(), ports[0])
			caller, callee := netip.AddrPortFrom(l.caller, 5060), netip.AddrPortFrom(netip.IPv6Loopback(), ports[1])
			entrance := four
			if fromSix {
				entrance, caller, callee = six, callee, netip.AddrPortFrom(l.callee, 5060)
			}
			s.write(t, "maskd.yaml", mixedConfiguration(l, []netip.AddrPort{four, six}, caller, callee))
			s.writeSound(t)
			s.start(t)
			w := s.witnessOf(t, fmt.Sprintf("net %s/24 or ip6 host ::1 and udp", s.addr(0)))
			i := s.connect(t, l, l.number('a', 0), l.number('b', 0))

			b := s.agent(t, l, "callee_is_hung_up", callee.Addr(), "-p", port(callee.Port()), "-d", "1000",
				"-key", "number", l.number('b', 0), "-m", "1")
			await(t, "the callee to listen", func() bool {
				return bound(t, "udp", l.callee) || listening(t, "udp", ports[1]) || len(b.ended) > 0
			})
			s.write(t, "mixed.csv", "SEQUENTIAL\n"+l.number('a', 0)+";"+i.Parties.A.Dial+"\n")
			a := s.agent(t, l, "caller_hangs_up", caller.Addr(), "-p", port(caller.Port()), "-d", "1000",
				"-inf", "mixed.csv", "-m", "1", entrance.String())
			a.wait(t)
			b.wait(t)
			s.expectCDRs(t, l, "answered by caller 200")
			w.mark(t, "the call is over")
			packets, _ := w.before(w.dismiss(t), "the call is over")
			packets = untilBye(packets, caller, callee) // the callee talks on after it
			crossedOver(t, packets, caller, callee)
			crossedOver(t, packets, callee, caller)
			s.stop(t)
		})
	}
}

// untilBye returns the packets before the first BYE of one of the phones or to one. Others
// have calls at ::1 too.
func untilBye(packets []seen, phones ...netip.AddrPort) []seen {
	i := slices.IndexFunc(packets, func(p seen) bool {
		return strings.HasPrefix(p.sip, "BYE") && (slices.Contains(phones, p.from) || slices.Contains(phones, p.to))
	})
	return packets[:max(0, i)]
}

// crossedOver expects that the sound of who signals from one place reaches who
// signals from the other.
func crossedOver(t *testing.T, packets []seen, from, to netip.AddrPort) {
	t.Helper()
	said, heard := soundFrom(packets, earOf(t, packets, from)), soundTo(packets, earOf(t, packets, to))
	t.Logf("from %s %d packets, to %s %d", from, len(said), to, len(heard))
	if len(heard) < 20 || len(said)-len(heard) > inFlight || common(said, heard) != len(heard) {
		t.Errorf("%s said %d packets and %s heard %d, %d of them alike", from, len(said), to, len(heard), common(said, heard))
	}
}

var describedSound = regexp.MustCompile(`(?s)\r\nc=IN IP[46] (\S+)\r\n.*m=audio (\d+) `)

// earOf is where the phone has its sound that signals from there, as it
// describes itself.
func earOf(t *testing.T, packets []seen, phone netip.AddrPort) netip.AddrPort {
	t.Helper()
	for _, p := range packets {
		found := describedSound.FindStringSubmatch(string(p.payload))
		if p.from != phone || found == nil {
			continue
		}
		at, err := endpoint(found[1], found[2])
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	t.Fatalf("%s has described no sound", phone)
	return netip.AddrPort{}
}

func mixedConfiguration(l line, maskd []netip.AddrPort, caller, callee netip.AddrPort) string {
	var trunks strings.Builder
	for name, at := range map[string]netip.AddrPort{"in": caller, "out": callee} {
		fmt.Fprintf(&trunks, "  - {name: %s, options_seconds: 0, accept: [\"%s/%d\"], gateways: [\"sip:%s\"]}\n",
			name, at.Addr(), at.Addr().BitLen(), at)
	}
	return fmt.Sprintf(`sip: {listen: ["udp://%s", "udp://%s"]}
media: {listen: ["%s", "%s"]}
store: {path: var/maskd.db, root_key: var/root.key}
admin: {socket: maskd.sock, metrics: ""}
trunks:
%spools:
  - {name: %s, trunk: out, dids: [%s..%s99]}
`, maskd[0], maskd[1], maskd[0].Addr(), maskd[1].Addr(), &trunks, l.name, l.did, l.did[:len(l.did)-2])
}
