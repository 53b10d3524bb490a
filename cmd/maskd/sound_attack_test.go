package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The lines of the attacks, by how their trunks are configured.
const (
	strictLine = "strict"
	natLine    = "nat"
)

// attack is a spray of packets at a call.
type attack struct {
	line   string
	early  bool // before anybody has said anything
	rate   int  // packets per second
	inside bool // from the hosts of the parties too, not only from another one
}

var attacks = []attack{
	{strictLine, true, 100, true},
	{strictLine, true, 10_000, true},
	{strictLine, false, 100, true},
	{strictLine, false, 10_000, true},
	// Before a lock, whoever is at the address of the party may be the party:
	// latchRule has the rule.
	{natLine, true, 100, false},
	{natLine, true, 10_000, false},
	{natLine, false, 100, true},
	{natLine, false, 10_000, true},
}

// attackTime is what a spray takes at least.
const attackTime = 2 * time.Second

func (a attack) String() string {
	moment, from := "in the middle", "third host"
	if a.early {
		moment = "before the first packet"
	}
	if a.inside {
		from += " and the parties' hosts"
	}
	return fmt.Sprintf("%-6s  %-23s  %6d/s  %-32s", a.line, moment, a.rate, from)
}

// score is what came of an attack; all but the first and the second must be 0.
type score struct {
	said, sprayed          int
	bled, injected, missed int
}

// TestStrangersNeitherHearNorAreHeard is the scoreboard: strangers who know all
// about a call spray at all of its ports, in front of the running daemon.
func TestStrangersNeitherHearNorAreHeard(t *testing.T) {
	s := newSite(t, line{name: strictLine, transport: "udp"}, line{name: natLine, transport: "udp"})
	s.tune(t, map[string]string{natLine + "-in": "nat: true", natLine + "-out": "nat: true"})
	s.start(t)
	lines := map[string]*conversation{}
	for _, l := range s.lines {
		lines[l.name] = s.converse(t, l, withoutEvents, withoutEvents)
	}
	board := []string{fmt.Sprintf("%-75s %8s %8s %8s %8s %8s", "attack", "said", "sprayed", "bled", "injected", "lost")}
	for _, k := range attacks {
		c := s.attack(t, k, lines[k.line])
		board = append(board, fmt.Sprintf("%-75s %8d %8d %8d %8d %8d", k, c.said, c.sprayed, c.bled, c.injected, c.missed))
		if c.bled != 0 || c.injected != 0 || c.missed != 0 {
			t.Errorf("%s: %+v", k, c)
		}
	}
	t.Log("\n" + strings.Join(board, "\n"))
	t.Run("behind a NAT", func(t *testing.T) { latchRule(t, s, lines[natLine]) })
}

// attack plays one call with an attack, and counts.
func (s *site) attack(t *testing.T, k attack, c *conversation) (result score) {
	t.Helper()
	hosts := []netip.Addr{s.addr(201)}
	if k.inside {
		hosts = append(hosts, c.line.caller, c.line.callee)
	}
	c.dial(t)
	defer c.hangUp(t, s)
	x := newStranger(t, hosts...)
	if !k.early {
		c.talk(20)
	}
	packets := k.rate * int(attackTime/time.Second)
	spraying := x.spray(packets, k.rate, aims(c.a, c.b, c.toA, c.toB))
	if k.early {
		await(t, "the spray", func() bool { return int(x.sent.Load()) >= packets/4 })
	}
	c.talk(100)
	spraying.Wait()
	c.talk(5)
	c.settle()
	return c.scoreOf(x)
}

func (c *conversation) scoreOf(x *stranger) score {
	return score{
		said: len(c.saidA) + len(c.saidB), sprayed: int(x.sent.Load()), bled: int(x.bled.Load()),
		injected: c.a.injected(c.saidB) + c.b.injected(c.saidA), missed: c.a.missed(c.saidB) + c.b.missed(c.saidA),
	}
}
