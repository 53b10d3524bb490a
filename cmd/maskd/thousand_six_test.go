package main

import (
	"fmt"
	"net/netip"
	"strings"

	"maskd/sip/siptest"
)

// sixDID is the first DID of the pool whose trunk is at ::1.
const sixDID = "+15550109900"

// sixConnection is how maskd and a carrier reach each other at ::1, where both are: they
// differ in their ports. Who calls and who is called are behind the carrier's one host, so
// that a number which went the wrong way is the second that a call was told of.
type sixConnection struct {
	maskd, carrier netip.AddrPort
}

func newSixConnection(m *muster) sixConnection {
	ports := freePorts(netip.IPv6Loopback(), 2)
	return sixConnection{netip.AddrPortFrom(netip.IPv6Loopback(), ports[0]), netip.AddrPortFrom(netip.IPv6Loopback(), ports[1])}
}

// configured adds the addresses, the trunk and the pool to a configuration. Calls go by TCP
// for as long as the carrier takes them there.
func (c sixConnection) configured(text string) string {
	text = strings.Replace(text, "sip: {listen: [", fmt.Sprintf(`sip: {listen: ["udp://%s", "tcp://%[1]s", `, c.maskd), 1)
	text = strings.Replace(text, "media: {listen: ", `media: {listen: ["::1", `, 1)
	text = strings.Replace(text, "}\nstore:", "]}\nstore:", 1)
	trunk := fmt.Sprintf("  - {name: %s, options_seconds: 5, accept: [\"%s/128\"], gateways: [\"sip:%s;transport=tcp\", \"sip:%[3]s\"]}\n",
		sixLine, c.carrier.Addr(), c.carrier)
	pool := fmt.Sprintf("  - {name: %s, trunk: %[1]s, dids: [%s..%s99]}\n", sixLine, sixDID, sixDID[:len(sixDID)-2])
	return strings.Replace(text, "pools:\n", trunk+"pools:\n"+pool, 1)
}

// line is the pool's, with the two sides where they are.
func (c sixConnection) line() line {
	return line{name: sixLine, caller: c.carrier.Addr(), callee: c.carrier.Addr(), did: sixDID}
}

// filter is what a wire-tap sees of it: not what other tests say at ::1.
func (c sixConnection) filter() string {
	return fmt.Sprintf("(ip6 host ::1 and (port %d or port %d or udp src portrange 20000-29999))", c.maskd.Port(), c.carrier.Port())
}

// hears reports whether a packet is of a connection that the carrier's host reads.
func (c sixConnection) hears(p frame) bool {
	is := func(at netip.AddrPort) bool { return at == c.maskd || at == c.carrier }
	return p.protocol == tcp && (is(p.from) || is(p.to))
}

// callOverIPv6 has parties at ::1 call each other, first over TCP and, since the carrier
// takes no more there, over UDP; and those who have IPv4 call them, and are called by them.
func (m *muster) callOverIPv6() {
	l, crowd := m.six.line(), m.site.line("crowd")
	byTCP := switchboardBy(m.T, newTrunkline(m.T, m.six.carrier, m.six.maskd, nil, func(message []byte) { m.hear(l.callee, message) }))
	byUDP := newSwitchboard(m.T, m.six.carrier)
	m.connect(l.callee, byTCP)
	m.callAround(l, 8)
	p := m.pairs(l, 1, "")[0]
	m.connect(l.callee, byUDP)
	next := m.plugIn(l.callee, p.b.Number)
	p.a.Invite(p.didA)
	if err := ladder(hears(p.b, "INVITE"), does(func() {
		p.b.Respond(503, "No stream to "+p.b.Number, siptest.With("Retry-After", "3600"))
	}), meets(next, p.a)); err != nil {
		m.Error(fmt.Errorf("from TCP to UDP: %w", err))
	}
	m.callAround(l, len(callees()))
	m.callAround(line{name: crowd.name, caller: l.caller, callee: crowd.callee}, 4)
	m.callAround(line{name: l.name, caller: crowd.caller, callee: l.callee}, 4)
	atOnce(m, []func() error{
		func() error { return m.enterExtension(l) },
		func() error { return m.click(l, `{"from":"a","confirm":true}`, true) },
		func() error { return m.sayGoodbye(l) },
	}, func(_ int, do func() error) error { return do() })
}

// sayGoodbye has two who talk hear that it is over.
func (m *muster) sayGoodbye(l line) error {
	p := m.pairs(l, 1, "")[0]
	p.a.Invite(p.didA)
	if err := ladder(hears(p.b, "INVITE"), does(func() { p.b.Answer() }), hears(p.a, "200"), hears(p.b, "ACK")); err != nil {
		return err
	}
	m.expect(200, "integrator", "POST", "/v1/interactions/"+p.id+"/complete", `{"calls":"announce"}`)
	return ladder(hears(p.a, "BYE"), hears(p.b, "BYE"))
}

// connect has the phones of a host be behind that switchboard from now on.
func (m *muster) connect(host netip.Addr, b *switchboard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.boards[host] = b
}
