package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"testing"
)

// sixLine is the pool of calls over IPv6.
const sixLine = "six"

// TestCallsOverIPv6EndToEnd has the daemon and sipp on both sides at ::1, the
// one address that a host has for sure, each on a port of its own.
func TestCallsOverIPv6EndToEnd(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			s := newSite(t, line{name: sixLine, transport: transport})
			l := s.line(sixLine)
			l.caller, l.callee = netip.IPv6Loopback(), netip.IPv6Loopback()
			ports := freePorts(netip.IPv6Loopback(), 3)
			maskd := netip.AddrPortFrom(netip.IPv6Loopback(), ports[0])
			s.write(t, "maskd.yaml", sixConfiguration(l, maskd, ports[2]))
			s.writeSound(t)
			s.start(t)
			i := s.connect(t, l, l.number('a', 0), l.number('b', 0))

			callee := s.agent(t, l, "callee_is_hung_up", l.callee, "-p", port(ports[2]), "-d", "1000",
				"-key", "number", l.number('b', 0), "-m", "1")
			await(t, "the callee to listen", func() bool { return listening(t, transport, ports[2]) || len(callee.ended) > 0 })
			s.write(t, "six.csv", "SEQUENTIAL\n"+l.number('a', 0)+";"+i.Parties.A.Dial+"\n")
			caller := s.agent(t, l, "caller_hangs_up", l.caller, "-p", port(ports[1]), "-d", "1000",
				"-inf", "six.csv", "-m", "1", maskd.String())
			caller.wait(t)
			callee.wait(t)
			s.expectCDRs(t, l, "answered by caller 200")
			s.stop(t)
		})
	}
}

func sixConfiguration(l line, maskd netip.AddrPort, callee uint16) string {
	return fmt.Sprintf(`sip: {listen: ["udp://%s", "tcp://%[1]s"]}
media: {listen: "::1"}
store: {path: var/maskd.db, root_key: var/root.key}
admin: {socket: maskd.sock, metrics: ""}
trunks:
  - {name: six, options_seconds: 0, accept: ["::1/128"], gateways: ["sip:[::1]:%d;transport=%s"]}
pools:
  - {name: six, trunk: six, dids: [%s..%s99]}
`, maskd, callee, l.transport, l.did, l.did[:len(l.did)-2])
}

func port(n uint16) string { return strconv.Itoa(int(n)) }

// listening reports whether somebody has the port at ::1. It asks the kernel:
// to try the port would keep it from others.
func listening(t *testing.T, transport string, port uint16) bool {
	t.Helper()
	sockets, err := os.ReadFile("/proc/net/" + transport + "6")
	if err != nil {
		t.Fatal(err)
	}
	raw := netip.IPv6Loopback().As16()
	return bytes.Contains(sockets, fmt.Appendf(nil, "%08X:%04X ", binary.NativeEndian.Uint32(raw[12:]), port))
}
