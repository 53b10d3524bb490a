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

// The protocols of IPv4 that a wire has.
const (
	icmp = 1
	udp  = 17
)

// leg is what was sent to one host under one Call-ID.
type leg struct {
	host netip.Addr
	call string
}

// legs sorts what the daemon has sent as SIP, in datagrams. What else it has sent goes
// into a sink: in sound, its reports and its encrypted answers there is no number at all.
func (m *muster) legs(packets []frame) map[leg]*bytes.Buffer {
	legs := make(map[leg]*bytes.Buffer)
	for _, p := range packets {
		if p.from.Addr() != m.maskd.Addr() || p.protocol == icmp { // an ICMP error quotes the host's own packet
			continue
		}
		if p.protocol != udp || p.from.Port() != m.maskd.Port() {
			m.sinks.add("sound, and what else was sent", p.payload)
			continue
		}
		of := leg{p.to.Addr(), siptest.Parse(p.payload).Get("Call-ID")}
		if legs[of] == nil {
			legs[of] = new(bytes.Buffer)
		}
		legs[of].Write(p.payload)
	}
	return legs
}

// strayed is what is wrong with a leg: a number in it is none of the host's, or there
// is more than one, of which one is another's.
func (m *muster) strayed(sieve *siptest.Sieve, of leg, text []byte) error {
	found := make(map[int]siptest.Catch)
	for _, c := range sieve.Search(text) {
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
	var example leg
	for of, text := range legs {
		if err := m.strayed(sieve, of, text.Bytes()); err != nil {
			m.Error(err)
		} else if len(sieve.Search(text.Bytes())) > 0 {
			told++
			example = of
		}
	}
	m.Logf("%d legs in %d packets, %d of them with a number", len(legs), len(packets), told)
	if told < 400 {
		m.Errorf("%d legs were told a number: the search of so few proves nothing", told)
	}
	text := legs[example].Bytes()
	own := sieve.Search(text)[0].Number
	for name, stranger := range map[string]func(number int) bool{
		"a number that is elsewhere": func(n int) bool { return !slices.Contains(m.homes[m.numbers[n]], example.host) },
		"a number of another call":   func(n int) bool { return n != own && slices.Contains(m.homes[m.numbers[n]], example.host) },
	} {
		m.Run("planted in a leg: "+name, func(t *testing.T) {
			for n := range m.numbers {
				if !stranger(n) {
					continue
				}
				for _, way := range plantings() {
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
