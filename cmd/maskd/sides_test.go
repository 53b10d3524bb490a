package main

import (
	"net/netip"
	"slices"

	"maskd/sip/siptest"
)

// callerHosts and calleeHosts are the two sides of all lines.
func callerHosts(s *site) (hosts []netip.Addr) {
	for _, l := range s.lines {
		hosts = append(hosts, l.caller)
	}
	return hosts
}

func calleeHosts(s *site) (hosts []netip.Addr) {
	for _, l := range s.lines {
		hosts = append(hosts, l.callee)
	}
	return hosts
}

// partiesOf returns the numbers of those who call, and of those who are called.
func partiesOf(s *site) (callers, callees []string) {
	for _, l := range s.lines {
		k := talk{pairs: 2}
		if i := slices.IndexFunc(talks, func(k talk) bool { return k.name == l.name }); i >= 0 {
			k = talks[i]
		}
		for pair := range k.pairs {
			a, b := l.number('a', pair), l.number('b', pair)
			if k.swapped {
				a, b = b, a
			}
			callers, callees = append(callers, a), append(callees, b)
		}
	}
	return callers, callees
}

// ofCallers and ofCallees are what the scenarios in testdata/sipp say of each
// side, and its numbers and addresses.
func ofCallers(s *site) *siptest.Canary {
	callers, _ := partiesOf(s)
	return secrets(callers, callerHosts(s), "ocelot", "Ocelot Lindqvist", "OcelotPhone/7.3", "ocelot.example",
		"ocelot-handset", "ocelot-charging", "ocelot-cname", "730173017301730173", "730174017401730174", "3390111744")
}

func ofCallees(s *site) *siptest.Canary {
	_, callees := partiesOf(s)
	return secrets(callees, calleeHosts(s), "tamarin", "Tamarin Okafor", "TamarinPhone/4.1", "tamarin.example",
		"tamarin speaking", "tamarin-cname", "410141014101410141", "410142014201410142", "3390111744")
}

// secrets are what one side of all calls says of itself.
func secrets(numbers []string, hosts []netip.Addr, words ...string) *siptest.Canary {
	canary := new(siptest.Canary)
	for _, n := range numbers {
		canary.Number(n)
	}
	for _, h := range hosts {
		canary.Address(h)
	}
	for _, w := range words {
		canary.Text(w)
	}
	return canary
}
