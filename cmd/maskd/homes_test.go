package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"maskd/sip/siptest"
)

// The protocols of IP that a wire has.
const (
	icmp   = 1
	tcp    = 6
	udp    = 17
	icmpv6 = 58
)

// leg is what was sent to one host under one Call-ID.
type leg struct {
	host netip.Addr
	call string
}

// legs are what the daemon has sent as SIP, in datagrams and, as their ends have read
// it, on connections. What else it has sent goes into sinks: in what it asks of names, in
// sound, its reports and what is encrypted there is no number at all.
func (m *muster) legs(packets []frame) map[leg]*bytes.Buffer {
	for _, p := range packets {
		switch {
		case p.to == m.site.nameServerAt():
			m.sinks.add("questions to the name server", p.payload)
		case p.protocol == icmp, p.protocol == icmpv6: // an error quotes the host's own packet
		case p.protocol == udp && (p.from == m.maskd || p.from == m.six.maskd):
			m.hear(p.to.Addr(), p.payload)
		case p.from == m.six.carrier, m.six.hears(p):
		case p.from.Addr() == m.six.maskd.Addr():
			m.sinks.add("sound over IPv6, and what else was sent", p.payload)
		case p.from.Addr() != m.maskd.Addr():
		case p.protocol == tcp && m.atTrunkline(p):
		default:
			m.sinks.add("sound, and what else was sent", p.payload)
		}
	}
	return m.told
}

// atTrunkline reports whether what is sent in clear is read by a host of ours.
func (m *muster) atTrunkline(p frame) bool {
	l := m.site.line("streamed")
	return (p.to.Addr() == l.caller || p.to.Addr() == l.callee) && (p.from.Port() == m.maskd.Port() || p.to.Port() == m.maskd.Port())
}

// hear notes a message of maskd to a host, and in a sink too if nobody has called: then there is
// no number in it.
func (m *muster) hear(host netip.Addr, message []byte) {
	sip := siptest.Parse(message)
	if name := map[string]string{"REGISTER": "registrations", "OPTIONS": "questions to gateways"}[sip.Method()]; name != "" && sip.Status() == 0 {
		m.sinks.add(name, message)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	of := leg{host, sip.Get("Call-ID")}
	if m.told[of] == nil {
		m.told[of] = new(bytes.Buffer)
	}
	m.told[of].Write(message)
}

// strayed is what is wrong with a leg: a number in it is none of the host's, or there
// is more than one, of which one is another's.
func (m *muster) strayed(sieve *siptest.Sieve, of leg, text []byte) error {
	found := make(map[int]siptest.Catch)
	for _, c := range sieve.SearchClosely(text) {
		found[c.Number] = c
		if !slices.Contains(m.homes[m.numbers[c.Number]], of.host) {
			return fmt.Errorf("sent to %s, where it is not: %s, near %q", of.host, c, blurred(text, c.Offset))
		}
	}
	if len(found) > 1 {
		return fmt.Errorf("one call of %s was told of several: %v", of.host, slices.Collect(maps.Values(found)))
	}
	return nil
}

// expectHomes expects that each leg was told its own number and no other, and that the
// search finds another one that is planted in it.
func (m *muster) expectHomes(sieve *siptest.Sieve, packets []frame) {
	m.Helper()
	legs, told := m.legs(packets), 0
	silent := make(map[netip.Addr]bool) // no phone there was talked to
	for host := range m.boards {
		silent[host] = host != m.strangers
	}
	examples := make(map[netip.Addr]leg)
	for of, text := range legs {
		if err := m.strayed(sieve, of, text.Bytes()); err != nil {
			m.Error(err)
		} else if len(sieve.SearchClosely(text.Bytes())) > 0 {
			told++
			if of.host == m.site.line("crowd").callee || of.host == m.six.carrier.Addr() { // where there are others
				examples[of.host] = of
			}
			delete(silent, of.host)
		}
	}
	m.Logf("%d legs in %d packets, %d of them with a number", len(legs), len(packets), told)
	if told < 300 {
		m.Errorf("%d legs were told a number: the search of so few proves nothing", told)
	}
	for host, is := range silent {
		if is {
			m.Errorf("nobody at %s was told his number", host)
		}
	}
	for _, example := range examples {
		m.expectFound(sieve, example, legs[example].Bytes())
	}
}

// expectFound expects that what is wrong with a leg is found, if it is planted in it.
func (m *muster) expectFound(sieve *siptest.Sieve, example leg, text []byte) {
	own := sieve.SearchClosely(text)[0].Number
	for name, stranger := range map[string]func(number int) bool{
		"a number that is elsewhere": func(n int) bool { return !slices.Contains(m.homes[m.numbers[n]], example.host) },
		"a number of another call":   func(n int) bool { return n != own && slices.Contains(m.homes[m.numbers[n]], example.host) },
	} {
		m.Run("planted in a leg of "+example.host.String()+": "+name, func(t *testing.T) {
			for n := range m.numbers {
				if !stranger(n) {
					continue
				}
				for _, way := range plantings(false) {
					planted := slices.Concat(text, []byte("X: "), way.write(m.numbers[n]), []byte("\r\n"))
					if m.strayed(sieve, example, planted) == nil {
						t.Errorf("written as %s, it is not found", way.says)
					}
				}
				return
			}
			t.Error("there is none to plant")
		})
	}
}
