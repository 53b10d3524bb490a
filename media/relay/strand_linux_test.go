package relay

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A worker finds a circuit by the descriptor of a port. One that is closed must be forgotten: the system
// gives its number to a port of another call, whose sound would be taken for this one's.
func TestAWorkerForgetsThePortsThatAnEndLeaves(t *testing.T) {
	s, err := NewEpoll(Config{Listen: []netip.Addr{netip.MustParseAddr("127.24.0.9"), six}, Ports: own(64), Workers: 1, Rest: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := s.carrier.(*epoll).crew[0]
	id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{IPv4, IPv6})
	if err != nil {
		t.Fatal(err)
	}
	for end, family := range []Family{IPv6, IPv4} {
		if id, err = s.Rebind(id, end, family); err != nil {
			t.Fatal(err)
		}
		if n := known(w); n != 4 {
			t.Errorf("end %d moved, and %d ports are known, want 4", end, n)
		}
	}
	s.Release(id)
	if n := known(w); n != 4 {
		t.Errorf("released, and %d ports are known, want the 4 that are kept", n)
	}
	s.tidy()
	s.tidy()
	if n := known(w); n != 0 {
		t.Errorf("nobody needs them, and %d ports are known", n)
	}
}

// Ports that can't be waited for become nobody's: the system may have given their descriptors to others by the time
// the worker would look.
func TestPortsThatCannotBeAwaitedAreNobodys(t *testing.T) {
	s, err := NewEpoll(Config{Listen: []netip.Addr{netip.MustParseAddr("127.24.0.19")}, Ports: own(64), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := s.carrier.(*epoll).crew[0]
	s.carrier = &deaf{s.carrier}
	if _, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{}); !errors.Is(err, unix.EBADF) {
		t.Errorf("%v, want EBADF", err)
	}
	if n, got := known(w), s.Usage(); n != 0 || got.Used != 0 {
		t.Errorf("%d ports are known, %+v", n, got)
	}
}

// A spare that can't be waited for is a spare still, and the worker has nothing to do with it: else what came there would
// have it awake all the time. The call goes on where it was, and it may be tried again.
func TestASpareThatCannotBeAwaitedStaysASpare(t *testing.T) {
	c := besideAnother(t, "127.24.0.31")
	spare, err := c.Spare(0)
	if err != nil {
		t.Fatal(err)
	}
	phone := newPhone(t, c.host.String())
	phone.relay = netip.AddrPortFrom(c.host, spare.Port)
	phone.send(packet(t, 8, 1, 1, 1, "too early"))
	w, rtp, rtcp := c.carrier.(*epoll).crew[0], spare.pair.rtp.(*port), spare.pair.rtcp.(*port)
	fd := rtcp.fd
	rtcp.fd = -1
	if _, err := c.Adopt(c.id, 1, spare); !errors.Is(err, unix.EBADF) {
		t.Errorf("%v, want EBADF", err)
	}
	rtcp.fd = fd
	phone.send(packet(t, 8, 1, 1, 1, "too early"))
	if w.awaits(t, rtp) {
		t.Error("the worker waits for it")
	}
	c.talk(1)
	if c.id, err = c.Adopt(c.id, 1, spare); err != nil {
		t.Fatal(err)
	}
	c.b = phone
	c.install(PCMA)
	c.talk(2)
}

// awaits tells whether the system tells the worker of a port.
func (w *worker) awaits(t *testing.T, p *port) bool {
	t.Helper()
	err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_MOD, p.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p.fd)})
	if err != nil && err != unix.ENOENT {
		t.Fatal(err)
	}
	return err == nil
}

// deaf binds pairs whose RTCP port can't be waited for.
type deaf struct{ carrier }

func (d *deaf) bind(addr netip.Addr, number uint16) (pair, error) {
	p, err := d.carrier.bind(addr, number)
	if err == nil {
		p.rtcp.close()
		p.rtcp = &port{fd: -1}
	}
	return p, err
}

func (d *deaf) discard(p pair) {
	p.rtp.close() // and no worker is told to forget it
}

// known is how many ports a worker has.
func known(w *worker) (n int) {
	w.do(order{act: func(*circuit, time.Time) {
		for fd, p := range w.ports {
			if p != nil && p.fd == fd {
				n++
			}
		}
	}})
	return n
}

// A flow after one by which nobody speaks is not waited for. What is sent once Install has returned passes by it
// all the same, be it that the worker comes to know of both at once.
func TestAPacketMeetsTheFlowThatWasInstalledBeforeIt(t *testing.T) {
	c := onTwoPairs(t, "127.24.0.13")
	for range 20 {
		c.Release(c.id)
		c.reserve()
		c.Install(c.id, Flow{})
		resume := stall(c.Switchboard)
		c.install(PCMA)
		c.a.send(packet(t, 8, 1, 1, 1, "sound"))
		resume()
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Fatalf("B heard %q", got)
		}
	}
}

// A worker that has a datagram in hand may come to know only then that its port is closed: nobody hears it any more. The
// circuit is another call's by then, or nobody's.
func TestNobodyHearsWhatCameToAPortThatIsClosedMeanwhile(t *testing.T) {
	for name, leave := range map[string]func(*conversation){
		"the call ends": func(c *conversation) { c.Remove(c.id) },
		"the end moves": func(c *conversation) { _, _ = c.Rebind(c.id, 0, IPv4) },
	} {
		c := besideAnother(t, "127.24.0.28")
		c.ledger.most = 0 // no pair is kept
		c.reserve()
		resume := stall(c.Switchboard)
		c.a.send(packet(t, 8, 1, 1, 1, "late"))
		stalledAgain, resumeAgain := stalling(c.Switchboard)
		resume()
		<-stalledAgain // it knows that there is something, and has not taken it
		left := make(chan struct{})
		go func() { leave(c); close(left) }()
		queued(c.Switchboard, 1)
		resumeAgain()
		<-left
		known(c.carrier.(*epoll).crew[0]) // it has dealt with all that there was
		if n := c.Stats(c.id)[0].Drops(DropClosed); n != 0 {
			t.Errorf("%s: %d packets were heard after it", name, n)
		}
		c.Close()
	}
}
