//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Times of RFC 3261.
const (
	t1      = 500 * time.Millisecond
	t2      = 4 * time.Second
	timeout = 64 * t1

	// shortly is how long a call is up if nothing else is asked for. Its four sockets are kept for a second
	// after that: at 4,000 calls a second those that are up for 100 ms have 17,600, and those that are up for
	// half a second 24,000, which is more than a process may have on many a machine.
	shortly = 100 * time.Millisecond
)

// crowd is the phones of all pairs. One thread plays them: it sends and reads without waiting for
// anybody, so that it offers calls at its rate whatever becomes of them.
type crowd struct {
	pairs  []pair
	free   []int          // pairs that do not talk; the one that has rested longest is first
	to     netip.AddrPort // where the callers send
	back   netip.AddrPort // where the callees answer
	caller phone
	callee phone
	clock  *wheel
	talk   time.Duration
	tally
	buffer []byte
}

func newCrowd(pairs []pair) (*crowd, error) {
	maskd := netip.AddrPortFrom(netip.MustParseAddr(maskdHost), port)
	c := &crowd{pairs: pairs, buffer: make([]byte, 1<<16), to: maskd, back: maskd, talk: shortly}
	for i := range pairs {
		c.free = append(c.free, i)
	}
	var err error
	if c.caller, err = openPhone(callerHost, calleePrefix, calleeWord, calleeHost); err != nil {
		return nil, err
	}
	if c.callee, err = openPhone(calleeHost, callerPrefix, callerWord, callerHost); err != nil {
		c.caller.close()
		return nil, err
	}
	return c, nil
}

func (c *crowd) close() {
	c.caller.close()
	c.callee.close()
}

// direct lets the callers call the callees without anybody between: by their numbers, and at
// their address.
func (c *crowd) direct() {
	c.to = netip.AddrPortFrom(netip.MustParseAddr(calleeHost), port)
	c.back = netip.AddrPortFrom(netip.MustParseAddr(callerHost), port)
	c.caller.secrets, c.callee.secrets = nil, nil
	for i := range c.pairs {
		c.pairs[i].did = c.pairs[i].callee
	}
}

// play offers calls at a rate for a time, and then lets those that are up come to their end.
func (c *crowd) play(rate float64, length time.Duration) tally { return c.playAnd(rate, length, nil) }

// playAnd calls a function once when all that were begun are talking.
func (c *crowd) playAnd(rate float64, length time.Duration, talking func()) tally {
	start := time.Now()
	c.clock = &wheel{start: start}
	c.tally = tally{codes: make(map[int]int)}
	end, gap := start.Add(length), time.Duration(float64(time.Second)/rate)
	next := start
	for now := start; now.Before(end) || len(c.free) < len(c.pairs); now = time.Now() {
		for ; now.Before(end) && !next.After(now); next = next.Add(gap) {
			c.begin(now)
		}
		c.clock.advance(now, c.do)
		if talking != nil && now.After(end.Add(time.Second)) {
			talking()
			talking = nil
		}
		if !c.receive() {
			pause(gap)
		}
	}
	return c.tally
}

// pause gives up the processor for a moment, until something may have come.
func pause(d time.Duration) {
	ts := unix.NsecToTimespec(int64(min(d, 50*time.Microsecond)))
	_ = unix.Nanosleep(&ts, nil)
}

// burst is how many datagrams are read from one phone before the other one has its turn.
const burst = 16

// receive reads what has come; false if nothing has.
func (c *crowd) receive() (any bool) {
	for _, side := range []struct {
		*phone
		hear func(message)
	}{{&c.callee, c.hearCallee}, {&c.caller, c.hearCaller}} {
		for range burst {
			n, stamp, from, err := side.receive(c.buffer)
			if err != nil {
				break
			}
			any = true
			c.search(side.phone, from, c.buffer[:n])
			if m, ok := read(c.buffer[:n]); ok {
				m.stamp = stamp
				side.hear(m)
			}
		}
	}
	return any
}

// search looks for what must not be seen at the phone.
func (c *crowd) search(at *phone, from unix.Sockaddr, raw []byte) {
	for _, secret := range at.secrets {
		if holds(raw, secret) {
			if c.leaks++; c.leaked == "" {
				c.leaked = fmt.Sprintf(" (%q from %v: %q)", secret, from, raw)
			}
			return
		}
	}
}

// do does what has become due, unless the call is another one by now.
func (c *crowd) do(e due) {
	p := &c.pairs[e.pair]
	if p.call != e.call {
		return
	}
	switch {
	case e.what == hangUp && p.a == callerTalks:
		c.hangUp(e.pair)
	case e.what == giveUp && p.a != callerIdle:
		c.end(e.pair, &c.failed)
	case e.what == repeatInvite && p.a == callerCalls, e.what == repeatBye && p.a == callerHangsUp:
		c.repeat(c.caller, p.request, c.to, e)
	case e.what == repeatAnswer && p.b == calleeAnswered:
		c.repeat(c.callee, p.response, c.back, e)
	}
}

// repeat sends again, and in twice the time once more (section 17.1.1.2). An answer and a BYE
// are not sent at longer intervals than T2.
func (c *crowd) repeat(from phone, raw []byte, to netip.AddrPort, e due) {
	c.repeated++
	send(from, raw, to)
	e.again *= 2
	if e.what != repeatInvite {
		e.again = min(e.again, t2)
	}
	c.clock.after(time.Now(), e.again, e)
}

// end ends the pair's call and counts it.
func (c *crowd) end(i int, as *int) {
	*as++
	c.pairs[i].a = callerIdle
	c.free = append(c.free, i)
}
