package relay

import (
	"testing"
	"time"
)

// The worker has in hand the datagram for which it will have the system shut a port at rest, and a call gets the port
// in that moment. Its first packet is heard all the same.
func TestAPortIsShutWhileACallGetsIt(t *testing.T) {
	c := besideOneOfFourPairs(t, "127.24.0.29")
	w, flood := c.carrier.(*epoll).crew[0], c.almostShut()
	resume := stall(c.Switchboard)
	flood(1)
	got, on := make(chan struct{}), make(chan struct{})
	w.leave(order{act: func(*circuit, time.Time) { close(got); <-on }}) // it wakes nobody, so the datagram is taken first
	resume()
	<-got
	c.reserve()
	installed := make(chan struct{})
	go func() { c.install(PCMA); close(installed) }()
	queued(c.Switchboard, 2)
	close(on)
	<-installed
	for deadline := time.Now().Add(patience); !c.isShut() && c.leftToDo() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	c.hear()
}

// The same, but the worker has the port shut before it could know that a call gets it.
func TestAPortIsShutJustBeforeACallGetsIt(t *testing.T) {
	c := besideOneOfFourPairs(t, "127.24.0.30")
	w := c.carrier.(*epoll).crew[0]
	c.almostShut()
	stalled, resume := stalling(c.Switchboard)
	<-stalled
	w.mu.Lock() // nobody can leave it an order
	reserved := make(chan struct{})
	go func() { c.reserve(); close(reserved) }()
	time.Sleep(10 * time.Millisecond) // for Reserve to go as far as it goes
	c.port.spurn()
	w.mu.Unlock()
	<-reserved
	installed := make(chan struct{})
	go func() { c.install(PCMA); close(installed) }()
	queued(c.Switchboard, 2)
	resume()
	<-installed
	c.hear()
}

// crowded is a conversation whose ports may be shut.
type crowded struct {
	*conversation
	port *port
}

// besideOneOfFourPairs is a conversation whose ports rest, and are all that is free. Its worker has another call, which
// is silent.
func besideOneOfFourPairs(t *testing.T, host string) *crowded {
	t.Helper()
	c := besideAnotherOn(t, host, PortRange{20000, 20007})
	c.reserve()
	c.install(PCMA)
	c.Stats(c.id) // it has its flow
	return &crowded{conversation: c}
}

// almostShut ends the call and has a stranger send to one of its ports as much as is taken but for one datagram. It
// gives what sends so many more.
func (c *crowded) almostShut() (flood func(packets int)) {
	c.t.Helper()
	for p, flood := range c.rest() {
		flood(latecomers - 1)
		p.empties(c.t)
		known(c.carrier.(*epoll).crew[0]) // it has counted the last one
		c.port = p
		return flood
	}
	return nil
}

func (c *crowded) isShut() bool { return c.port.shut.Load() }

// hear fails unless the first packet to the port reaches the other phone.
func (c *crowded) hear() {
	c.t.Helper()
	from, to := c.a, c.b
	if at := nameOfPort(c.t, c.port); from.relay != at {
		from, to = to, from
	}
	from.send(packet(c.t, 8, 1, 1, 1, "first"))
	_ = to.rtp.SetReadDeadline(time.Now().Add(watchInterval / 2))
	if _, _, err := to.rtp.ReadFromUDPAddrPort(make([]byte, maxDatagram)); err != nil {
		c.t.Error("a call's first packet was lost")
	}
}
