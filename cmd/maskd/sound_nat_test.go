package main

import "testing"

// trial is how many packets in a row convince maskd that a party is at another
// port of its address than its description said.
const trial = 4

// latchRule holds the rule of nat: true to its word, for the caller of a line.
func latchRule(t *testing.T, s *site, c *conversation) {
	t.Run("three packets in a row convince nobody", func(t *testing.T) {
		c.dial(t)
		defer c.hangUp(t, s)
		x := newStranger(t, c.line.caller)
		for _, sequence := range []uint16{1, 2, 3, 5, 6, 7, 65534, 65535, 0, 2, 4, 6, 8} {
			x.send(word(1, sequence), c.toA)
		}
		for ssrc := range uint32(8) {
			x.send(word(ssrc, 1+uint16(ssrc)), c.toA)
		}
		c.talk(20)
		for sequence := range uint16(50) { // it is too late now
			x.send(word(1, sequence), c.toA)
		}
		c.talk(20)
		c.settle()
		if got := c.scoreOf(x); got.bled+got.injected+got.missed != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a party at another port is found and locked", func(t *testing.T) {
		c.dial(t)
		defer c.hangUp(t, s)
		behind := newVoice(t, c.line.caller, soundPort+100, "behind a NAT")
		var said []string
		for range trial + 20 {
			said = append(said, behind.say(c.toA))
		}
		await(t, "the party to be found", func() bool { return c.b.missed(said) == trial-1 })
		x := newStranger(t, c.line.caller)
		for sequence := range uint16(50) {
			x.send(word(1, sequence), c.toA)
		}
		var heard []string
		for range 20 {
			heard = append(heard, c.b.say(c.toB))
			said = append(said, behind.say(c.toA))
		}
		await(t, "both to be heard", func() bool { return behind.missed(heard) == 0 && c.b.missed(said) == trial-1 })
		if c.b.missed(said[trial-1:]) != 0 || c.b.injected(said) != 0 || behind.injected(heard) != 0 || x.bled.Load() != 0 {
			t.Errorf("lost %d, injected %d and %d, bled %d",
				c.b.missed(said[trial-1:]), c.b.injected(said), behind.injected(heard), x.bled.Load())
		}
		if at := c.a.injected(nil); at != 0 {
			t.Errorf("the port that the description named heard %d packets", at)
		}
	})
}
