package relay

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many sockets that have something are taken at once: the most packets that can
// come between an order and its turn.
const batch = 64

// worker is a thread that moves the packets of its circuits. It waits for all their sockets at
// once, takes one datagram of each that has some, and sends what becomes of it. Nothing is
// allocated or locked for a packet: what others want of the worker they queue, and wake it.
type worker struct {
	now     func() time.Time
	spin    time.Duration // how long it goes on looking for packets before it sleeps
	keeps   bool          // its place in which Go runs, while packets come
	epoll   int
	wake    int // an eventfd, one of those waited for
	running sync.WaitGroup
	waits   sync.Pool // of chan struct{} with room for one: what do waits by

	// Guarded by mu.
	mu      sync.Mutex
	closed  bool
	queue   []order
	called  bool // since it last obeyed
	regular bool // it wakes within watchInterval, because something is on its agenda

	// The thread's own.
	stopping bool
	busy     bool    // the last events were more than one: there may be some already
	quiet    int     // how often nothing came, since something did
	awaited  bool    // somebody waits for an order that was obeyed
	ports    []*port // by descriptor
	agenda   agenda
	events   [batch]unix.EpollEvent
	in, out  []byte
	desk     desk
	spare    []order // the queue's last array, to be filled again
}

func newWorker(cfg Config) (*worker, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("start media worker: %w", os.NewSyscallError("epoll_create1", err))
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("start media worker: %w", os.NewSyscallError("eventfd", err))
	}
	w := &worker{
		now: cfg.Now, spin: cfg.Spin, keeps: cfg.OwnPlaces, epoll: epoll, wake: wake,
		in: make([]byte, maxDatagram+1), out: make([]byte, largestSent),
	}
	w.waits.New = func() any { return make(chan struct{}, 1) }
	// Each call is told once, so that nobody need read the counter.
	if err := w.await(wake, unix.EPOLLET); err != nil {
		w.closeDescriptors()
		return nil, err
	}
	w.running.Go(w.run)
	return w, nil
}

// awaitPair adds both ports of a pair to what is waited for, or none: what came to one that no circuit has would have the
// worker look for it again and again.
func (w *worker) awaitPair(p pair) error {
	rtp, rtcp := p.rtp.(*port), p.rtcp.(*port)
	if err := w.awaitPort(rtp); err != nil {
		return err
	}
	err := w.awaitPort(rtcp)
	if err != nil {
		w.leaveAlone(rtp)
	}
	return err
}

// awaitPort is done once for each port, however many circuits come to have it.
func (w *worker) awaitPort(p *port) error {
	if p.awaited {
		return nil
	}
	err := w.await(p.fd, 0)
	p.awaited = err == nil
	return err
}

// leaveAlone takes a port from what is waited for. It fails where it was not, and then there is nothing to do.
func (w *worker) leaveAlone(p *port) {
	_ = unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, p.fd, nil)
	p.awaited = false
}

// await adds a descriptor to those waited for.
func (w *worker) await(fd int, how uint32) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN | how, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &event))
}

// run is the worker's thread, which it has while it waits and while it moves packets. It is not locked to
// it: then to give the processor up, and to get it back, would take another thread each time.
func (w *worker) run() {
	for !w.stopping {
		n := w.wait()
		w.busy = n > 1
		// First, so that what is sent once a command was queued meets it.
		if w.summoned(n) {
			w.obey()
		}
		for i := range n {
			if p := w.port(int(w.events[i].Fd)); p != nil {
				w.take(p)
			}
		}
		if now := w.now(); w.agenda.isDue(now) {
			w.obey() // what was postponed
			w.agenda.tick(w.out, now)
		}
	}
}

// summoned tells whether one of so many events is of wake, or of a port that a queued order tells of.
func (w *worker) summoned(events int) bool {
	for i := range events {
		if w.port(int(w.events[i].Fd)) == nil {
			return true
		}
	}
	return false
}

// port is the one with a descriptor; nil: it is of no port that is known.
func (w *worker) port(fd int) *port {
	if fd >= len(w.ports) {
		return nil
	}
	return w.ports[fd]
}

// wait gives how many events there are. Where there are likely some it does not tell the scheduler
// that it may block, because it does not. Before it blocks it lets those go on whose orders it has
// obeyed: the scheduler would take this thread's place from it only after some time.
func (w *worker) wait() int {
	if w.busy || w.awaited {
		if n := w.look(); n > 0 {
			return n
		}
	}
	if w.awaited {
		w.awaited = false
		runtime.Gosched()
		return 0
	}
	if n := w.lookOn(); n > 0 {
		return n
	}
	if w.agenda.due().IsZero() {
		w.obey() // what was left to when it would wake by itself: from now on it does not
	}
	if w.awaited {
		return 0
	}
	return w.sleep()
}

// turn is for how many milliseconds a worker that keeps its place sleeps in it at once. The scheduler asks for the
// thread by a signal, which ends the sleep; but the garbage collector, which does so once for each stack, spins
// until it is heard, and in rare cases is not (runtime.suspendG).
const turn = 10

// turns is in how many of them nothing must have come until it gives its place up: a call that talks has
// a packet each 20 to 60 ms.
const turns = 8

// sleep gives how many events there are, once there are some or something is due. A worker that keeps its
// place and has something to do does not tell the scheduler that it blocks: else others would have the
// place when a packet comes, and sound waited for one of them.
func (w *worker) sleep() int {
	if !w.keeps || w.quiet > turns {
		n, _, _ := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(w.epoll), w.eventsAt(), batch, w.patience(), 0, 0)
		return w.heed(int(n))
	}
	n, _, _ := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(w.epoll), w.eventsAt(), batch, min(w.patience(), turn), 0, 0)
	return w.heed(int(n))
}

// heed counts the waits in which nothing came. One that a signal ended, at -1, was none.
func (w *worker) heed(events int) int {
	switch {
	case events > 0:
		w.quiet = 0
	case events == 0:
		w.quiet++
	}
	return max(0, events)
}

// look gives how many events there are at once.
func (w *worker) look() int {
	n, _, _ := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(w.epoll), w.eventsAt(), batch, 0, 0, 0)
	return max(0, int(n))
}

// lookOn looks again and again for as long as the operator lets it: to wake a thread that sleeps takes
// longer than to move a packet.
func (w *worker) lookOn() int {
	if w.spin == 0 {
		return 0
	}
	for until := w.now().Add(w.spin); w.now().Before(until); {
		if n := w.look(); n > 0 {
			return n
		}
	}
	return 0
}

func (w *worker) eventsAt() uintptr { return uintptr(unsafe.Pointer(&w.events)) }

// patience is how long nothing is due, in whole milliseconds rounded up.
func (w *worker) patience() uintptr {
	due := w.agenda.due()
	if due.IsZero() {
		return ^uintptr(0) // forever
	}
	return uintptr(max(0, (due.Sub(w.now())+time.Millisecond-1)/time.Millisecond))
}

// take moves one datagram. Another that waits there makes the port ready again. An error is what
// an ICMP message caused, or there is none because the event was of a port closed since: noise. Where nothing
// passes, it may be that the orders which let it pass have come since the event, and before the datagram.
// To a port at rest it came too late, and one that is closed by then is nobody's. If the port was shut for it, whose
// order came in the meantime is obeyed now: nothing would wake the worker for that.
func (w *worker) take(p *port) {
	n, source, err := p.receive(w.in)
	if err != nil {
		return
	}
	if !p.passes() {
		w.obey()
	}
	switch {
	case w.port(p.fd) != p:
		return
	case p.circuit == nil:
		if p.spurn() {
			w.obey()
		}
		return
	case p.loose:
		p.settle()
	}
	in := w.in[:n]
	if n > maxDatagram {
		in = nil // no packet at all: it is counted as malformed
	}
	if p.reports {
		p.circuit.hearReport(int(p.end), source, in, w.now())
	} else {
		p.circuit.hear(int(p.end), source, in, w.out, w.now())
	}
	w.agenda.move(p.circuit)
}

// know makes ports ones whose datagrams are taken.
func (w *worker) know(ports ...*port) {
	for _, p := range ports {
		if missing := p.fd + 1 - len(w.ports); missing > 0 {
			w.ports = append(w.ports, make([]*port, missing)...)
		}
		w.ports[p.fd] = p
	}
}

// forget is needed before the ports are closed, because another may get their descriptors.
func (w *worker) forget(ports ...*port) {
	for _, p := range ports {
		if p.fd < len(w.ports) {
			w.ports[p.fd] = nil
		}
	}
}

// close obeys what is queued and ends the thread. No circuit is left by then.
func (w *worker) close() {
	w.post(order{act: func(*circuit, time.Time) { w.stopping = true }})
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.running.Wait()
	w.obey() // what came after the command to stop
	w.closeDescriptors()
}

func (w *worker) closeDescriptors() {
	_ = unix.Close(w.wake)
	_ = unix.Close(w.epoll)
}
