package relay

import (
	"errors"
	"time"
)

// strand is a circuit on a worker.
type strand struct {
	worker  *worker
	circuit *circuit
}

// start has the circuit's ports waited for. The worker need not be called to know them: it is when
// one is ready.
func (w *worker) start(c *circuit) (line, error) {
	s := &strand{worker: w, circuit: c}
	c.exchange.desk = &w.desk
	ports := s.ports()
	w.leave(func(time.Time) { w.know(ports[:]...) })
	for _, p := range ports {
		if err := w.await(p.fd); err != nil {
			w.do(func(time.Time) { w.forget(ports[:]...) })
			return nil, err
		}
	}
	return s, nil
}

// ports are the circuit's four.
func (s *strand) ports() (ports [4]*port) {
	for end, pair := range s.circuit.pairs {
		ports[2*end], ports[2*end+1] = s.own(end, pair)
	}
	return ports
}

// own makes the ports of a pair those of an end.
func (s *strand) own(end int, p pair) (rtp, rtcp *port) {
	rtp, rtcp = p.rtp.(*port), p.rtcp.(*port)
	rtp.circuit, rtp.end = s.circuit, end
	rtcp.circuit, rtcp.end, rtcp.reports = s.circuit, end, true
	return rtp, rtcp
}

// rebind is done in the circuit's turn, when no event of the ports before is being looked at.
func (s *strand) rebind(end int, to pair) error {
	err := ErrClosed
	s.do(func(c *circuit, _ time.Time) {
		if c.final {
			return
		}
		rtp, rtcp := s.own(end, to)
		if err = errors.Join(s.worker.await(rtp.fd), s.worker.await(rtcp.fd)); err != nil {
			return
		}
		s.worker.forget(s.own(end, c.pairs[end]))
		c.rebind(end, to)
		s.worker.know(rtp, rtcp)
	})
	return err
}

func (s *strand) post(f func(*circuit, time.Time)) {
	s.worker.post(func(now time.Time) { s.run(f, now) })
}

func (s *strand) do(f func(*circuit, time.Time)) {
	s.worker.do(func(now time.Time) { s.run(f, now) })
}

func (s *strand) run(f func(*circuit, time.Time), now time.Time) {
	f(s.circuit, now)
	s.circuit.tellEvents()
	s.worker.agenda.move(s.circuit)
}

func (s *strand) cut() { s.do(func(c *circuit, _ time.Time) { c.cut() }) }

// hangUp closes the ports, which takes them off what is waited for.
func (s *strand) hangUp() (counters [2]Counters) {
	s.do(func(c *circuit, _ time.Time) {
		c.cut()
		counters = c.counters()
		ports := s.ports()
		s.worker.forget(ports[:]...)
		c.close()
	})
	return counters
}
