package relay

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// party is a circuit with its goroutines, which take turns by a mutex.
type party struct {
	now     func() time.Time
	changed chan struct{} // the timetable may be another

	// Lifetime.
	stop    chan struct{} // closed by hangUp
	running sync.WaitGroup

	// Guarded by mu, which is held over each send: who holds it knows that none is under way.
	mu      sync.Mutex
	circuit *circuit // nil: it was hung up

	// swapping is held to change the circuit's pairs, and to look at them out of turn. It may be
	// locked while mu is.
	swapping sync.Mutex
}

// retryRead is the pause after a failed read, so that a lasting failure takes no CPU.
const retryRead = 10 * time.Millisecond

// listen hears what arrives at the ports of an end until they are closed.
func (l *party) listen(end int) {
	pair := l.circuit.pairs[end]
	l.running.Go(func() { l.read(pair.rtp, end, l.hear) })
	l.running.Go(func() { l.read(pair.rtcp, end, l.hearReport) })
}

// read hands on datagrams until the socket is closed. Nothing that arrives ends it, nor any
// error that an ICMP message causes.
func (l *party) read(from socket, end int, handle func(end int, source netip.AddrPort, in, out []byte)) {
	port := from.(readSocket)
	in, out := make([]byte, maxDatagram+1), make([]byte, largestSent)
	for {
		n, source, err := port.receive(in)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(retryRead)
		case n > maxDatagram:
			handle(end, source, nil, nil) // no packet at all: it is counted as malformed
		default:
			handle(end, source, in[:n], out)
		}
	}
}

func (l *party) hear(end int, source netip.AddrPort, in, out []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.circuit.hear(end, source, in, out, l.now())
}

func (l *party) hearReport(end int, source netip.AddrPort, in, _ []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.circuit.hearReport(end, source, in, l.now())
}

// watch ticks whenever the circuit's timetable says so.
func (l *party) watch() {
	out := make([]byte, largestSent)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-l.changed:
		case <-timer.C:
		}
		timer.Reset(l.tick(out))
	}
}

// tick does what is due and gives the time until something is again.
func (l *party) tick(out []byte) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.circuit.tick(out, now)
	due := l.circuit.due()
	if due.IsZero() {
		return time.Hour // until something changes
	}
	return due.Sub(now)
}

func (l *party) do(f func(*circuit, time.Time)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.circuit == nil {
		return
	}
	f(l.circuit, l.now())
	l.circuit.tellEvents()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *party) post(f func(*circuit, time.Time))     { l.do(f) }
func (l *party) postpone(f func(*circuit, time.Time)) { l.do(f) }

// haltSends frees a send that waits for room in a socket's buffer.
func (l *party) haltSends() {
	l.swapping.Lock()
	defer l.swapping.Unlock()
	for _, pair := range l.circuit.pairs {
		pair.rtp.(readSocket).haltSends()
		pair.rtcp.(readSocket).haltSends()
	}
}

// rebind ends the reads of the ports before by closing them.
func (l *party) rebind(end int, to pair) (before pair, err error) {
	err = ErrClosed
	l.do(func(c *circuit, _ time.Time) {
		if c.final {
			return
		}
		l.swapping.Lock()
		defer l.swapping.Unlock()
		before = c.rebind(end, to)
		before.close()
		l.listen(end)
		err = nil
	})
	return before.closed(), err
}

// hangUp ends all reads and waits for the goroutines.
func (l *party) hangUp([2]bool) (left *circuit) {
	l.haltSends()
	l.do(func(c *circuit, _ time.Time) { c.cut() })
	close(l.stop)
	for end, p := range l.circuit.pairs {
		p.close()
		l.circuit.pairs[end] = p.closed()
	}
	l.running.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	left, l.circuit = l.circuit, nil
	return left
}
