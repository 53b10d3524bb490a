package relay

import (
	"errors"
	"iter"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The same phone calls again, on the sockets of the call before, while what it said at the end of that one
// still waits there: nobody of the next call hears it.
func TestLatePacketsAreGoneBeforeTheirPortIsUsedAgain(t *testing.T) {
	for round := range uint16(20) {
		c := onTwoPairs(t, "127.24.0.10")
		c.a.send(packet(t, 8, round, 1, 1, "first call"))
		c.b.hear()
		before := c.id.Ports
		c.Release(c.id)
		resume := stall(c.Switchboard)
		for i := range uint16(5) {
			for _, port := range before {
				sendFrom(t, c.a.rtp, packet(t, 8, 100+i, 1, 1, "late"), netip.AddrPortFrom(c.host, port))
			}
		}
		var err error
		if c.id, err = c.Reserve([2]Source{sourceA, sourceB}, [2]Family{}); err != nil {
			t.Fatal(err)
		}
		c.a.relay, c.b = netip.AddrPortFrom(c.host, c.id.Ports[0]), newPhone(t, c.host.String())
		installed := make(chan struct{})
		go func() { c.install(PCMA); close(installed) }()
		queued(c.Switchboard, 2) // the ports' new circuit, and its flow
		resume()
		<-installed
		c.a.send(packet(t, 8, 200, 1, 1, "second call"))
		if got := payloadOf(t, c.b.hear()); got != "second call" {
			t.Fatalf("%q was heard", got)
		}
		c.Close()
	}
}

// The worker was told of something at a port at rest, and before it looks there the port is drained for another
// call, whose first packet it then finds.
func TestTheFirstPacketIsNotTakenForALateOne(t *testing.T) {
	for range 20 {
		c := onTwoPairs(t, "127.24.0.15")
		before := c.id.Ports
		c.Release(c.id)
		resume := stall(c.Switchboard)
		for _, port := range before {
			sendFrom(t, c.a.rtp, packet(t, 8, 1, 1, 1, "late"), netip.AddrPortFrom(c.host, port))
		}
		stalledAgain, resumeAgain := stalling(c.Switchboard)
		resume()
		<-stalledAgain
		c.reserve()
		installed := make(chan struct{})
		go func() { c.install(PCMA); close(installed) }()
		queued(c.Switchboard, 2)
		select {
		case <-installed:
		case <-time.After(5 * time.Millisecond): // it is waited for
			resumeAgain()
			<-installed
			resumeAgain = func() {}
		}
		c.a.send(packet(t, 8, 2, 1, 1, "first"))
		resumeAgain()
		if got := payloadOf(t, c.b.hear()); got != "first" {
			t.Fatalf("%q was heard", got)
		}
		c.Close()
	}
}

// What strangers, or those of a call that is over, send to a port at rest does not pile up there, and they
// are told nothing.
func TestWhatComesToAPortAtRestIsDropped(t *testing.T) {
	c := onTwoPairs(t, "127.24.0.11")
	for p, flood := range c.rest() {
		flood(2)
		p.empties(t)
	}
	c.reserve()
	c.install(PCMA)
	c.a.send(packet(t, 8, 1, 1, 1, "sound"))
	if got := payloadOf(t, c.b.hear()); got != "sound" {
		t.Errorf("B heard %q", got)
	}
}

// A flood at a port at rest is dropped by the system, and wakes nobody. Whoever gets the port next is heard.
func TestAFloodAtAPortAtRestIsTheSystems(t *testing.T) {
	c := onTwoPairs(t, "127.24.0.16")
	for p, flood := range c.rest() {
		flood(2 * latecomers)
		p.empties(t)
		resume := stall(c.Switchboard)
		flood(1)
		if n := p.waits(t); n != 0 {
			t.Errorf("%d bytes wait for the worker", n)
		}
		resume()
	}
	c.reserve()
	c.install(PCMA)
	c.talk(1)
}

// rest ends the conversation, so that its ports rest: each of them, and what has a stranger send so many
// packets there.
func (c *conversation) rest() iter.Seq2[*port, func(packets int)] {
	c.t.Helper()
	line, _ := c.line(c.id)
	pairs := line.line.(*strand).circuit.pairs
	c.Release(c.id)
	stranger := mustOpen(c.t, c.host, 0)
	return func(yield func(*port, func(int)) bool) {
		for _, pair := range pairs {
			for _, p := range []*port{pair.rtp.(*port), pair.rtcp.(*port)} {
				at := nameOfPort(c.t, p)
				stranger.aim(at)
				flood := func(packets int) {
					for range packets {
						if err := stranger.trySend(packet(c.t, 8, 1, 1, 1, "late"), at); err != nil {
							c.t.Fatal(err)
						}
					}
				}
				if !yield(p, flood) {
					return
				}
			}
		}
	}
}

// waits is how many bytes of the next packet the worker has not read.
func (p *port) waits(t *testing.T) int {
	t.Helper()
	n, err := unix.IoctlGetInt(p.fd, unix.SIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// empties waits until nothing is there unread.
func (p *port) empties(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); p.waits(t) != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it waits there unread")
		}
	}
}

// A call's sockets are those of the calls before it.
func TestSocketsAreUsedAgain(t *testing.T) {
	c := onTwoPairs(t, "127.24.0.12")
	open := descriptors(t)
	for i := range uint16(50) {
		c.Release(c.id)
		id, err := c.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
		if err != nil {
			t.Fatal(err)
		}
		c.id = id
		c.a.relay, c.b.relay = netip.AddrPortFrom(c.host, id.Ports[0]), netip.AddrPortFrom(c.host, id.Ports[1])
		c.install(PCMA)
		c.talk(i)
	}
	if now := descriptors(t); now != open {
		t.Errorf("%d descriptors, %d before", now, open)
	}
}

// onTwoPairs is a conversation by a mover that has ports for one.
func onTwoPairs(t *testing.T, host string) *conversation {
	t.Helper()
	c := &conversation{t: t, host: netip.MustParseAddr(host)}
	c.Switchboard = startMover(t, NewEpoll, Config{Listen: []netip.Addr{c.host}, Ports: PortRange{20000, 20003}, Rest: 1, Workers: 1})
	c.reserve()
	c.install(PCMA)
	return c
}

// queued waits until so many commands wait for the worker.
func queued(s *Switchboard, commands int) {
	w := s.carrier.(*epoll).crew[0]
	for w.leftToDo() < commands {
		time.Sleep(time.Millisecond)
	}
}

// stall keeps the worker from doing anything until it may resume.
func stall(s *Switchboard) (resume func()) {
	stalled, resume := stalling(s)
	<-stalled
	return resume
}

// stalling does so once the worker has got to it.
func stalling(s *Switchboard) (stalled chan struct{}, resume func()) {
	stalled, on := make(chan struct{}), make(chan struct{})
	s.carrier.(*epoll).crew[0].post(order{act: func(*circuit, time.Time) {
		close(stalled)
		<-on
	}})
	return stalled, func() { close(on) }
}

// Where no more sockets can be opened, those that are kept make room.
func TestKeptSocketsMakeRoomWhenThereAreNoMore(t *testing.T) {
	host := netip.MustParseAddr("127.24.0.14")
	s := startMover(t, NewEpoll, Config{Listen: []netip.Addr{host}, Ports: own(64), Rest: time.Hour})
	scarce := &scarce{carrier: s.carrier, left: 4}
	s.carrier = scarce
	for range 5 {
		id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
		if err != nil {
			t.Fatal(err)
		}
		s.Release(id)
	}
	for range 2 {
		if _, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("%v, want ErrNoPorts: all are in use", err)
	}
}

// scarce lets so many pairs be open at once.
type scarce struct {
	carrier
	left int
}

func (s *scarce) bind(addr netip.Addr, port uint16) (pair, error) {
	if s.left == 0 {
		return pair{}, unix.EMFILE
	}
	s.left--
	return s.carrier.bind(addr, port)
}

func (s *scarce) discard(p pair) {
	s.left++
	s.carrier.discard(p)
}

// BenchmarkFloodAtRest sends to a port at rest. What a packet costs is the sender's time and ours, until it is
// dropped.
func BenchmarkFloodAtRest(b *testing.B) {
	host := netip.MustParseAddr("127.24.0.17")
	s, err := NewEpoll(Config{Listen: []netip.Addr{host}, Ports: PortRange{20000, 20003}, Rest: time.Hour, Workers: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
	if err != nil {
		b.Fatal(err)
	}
	s.Release(id)
	stranger, err := openPort(host, 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer stranger.close()
	at := netip.AddrPortFrom(host, id.Ports[0])
	stranger.aim(at)
	stranger.settle()
	var before, after unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &before)
	text := make([]byte, 172)
	for b.Loop() {
		_ = stranger.trySend(text, at)
	}
	_ = unix.Getrusage(unix.RUSAGE_SELF, &after)
	spent := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(spent)/float64(b.N), "cpu-ns/packet")
}
