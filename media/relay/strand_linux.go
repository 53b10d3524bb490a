package relay

import (
	"sync/atomic"
	"time"
)

// strand is a circuit on a worker.
type strand struct {
	worker  *worker
	circuit *circuit    // nil: it was hung up, by the worker
	shut    atomic.Bool // a port of it was flooded, and hears nothing before the worker has opened it
}

// start has the circuit's ports waited for. The worker need not be called to know them: it is when
// one is ready. One that was shut is not; it may be shut until the worker has its order, so that is looked at after it.
func (w *worker) start(c *circuit) (line, error) {
	s := &strand{worker: w, circuit: c}
	c.exchange.desk = &w.desk
	for _, p := range c.pairs {
		if err := w.awaitPair(p); err != nil {
			return nil, err // the pairs are discarded, and the worker has not heard of them
		}
	}
	w.leave(order{strand: s, act: s.own})
	for _, p := range c.pairs {
		if p.rtp.(*port).shut.Load() || p.rtcp.(*port).shut.Load() {
			s.shut.Store(true)
		}
	}
	return s, nil
}

// own makes the circuit's ports known as such.
func (s *strand) own(c *circuit, _ time.Time) {
	s.ownPair(c, 0)
	s.ownPair(c, 1)
}

// ownPair makes the ports of a pair those of an end.
func (s *strand) ownPair(c *circuit, end int) {
	rtp, rtcp := c.pairs[end].rtp.(*port), c.pairs[end].rtcp.(*port)
	rtp.circuit, rtp.end = c, uint8(end)
	rtcp.circuit, rtcp.end, rtcp.reports = c, uint8(end), true
	rtp.open()
	rtcp.open()
	s.worker.know(rtp, rtcp)
}

// rebind is done in the circuit's turn, when no event of the ports before is being looked at.
func (s *strand) rebind(end int, to pair) (before pair, err error) {
	err = ErrClosed
	s.do(func(c *circuit, _ time.Time) {
		if err = s.worker.awaitPair(to); err != nil {
			return
		}
		to.berth.worker = c.pairs[1-end].berth.worker
		before = c.rebind(end, to)
		s.ownPair(c, end)
		s.worker.forget(before.rtp.(*port), before.rtcp.(*port))
	})
	if err != nil {
		return pair{}, err
	}
	before.close()
	return before.closed(), nil
}

// post does not wait for the worker, but where a port is shut: who is told of it next is to be heard.
func (s *strand) post(f func(*circuit, time.Time)) {
	if s.shut.Swap(false) {
		s.do(f)
		return
	}
	s.worker.post(order{strand: s, act: f})
}

func (s *strand) postpone(f func(*circuit, time.Time)) {
	if s.shut.Swap(false) || !s.worker.postpone(order{strand: s, act: f}) {
		s.do(f)
	}
}

func (s *strand) do(f func(*circuit, time.Time)) { s.worker.do(order{strand: s, act: f}) }

// run does nothing once the circuit was hung up: it may be another call's by then.
func (s *strand) run(f func(*circuit, time.Time), now time.Time) {
	if c := s.circuit; c != nil {
		f(c, now)
		c.tellEvents()
		s.worker.agenda.move(c)
	}
}

// hangUp leaves the ports that may be kept at rest with the worker, and nothing of the circuit.
func (s *strand) hangUp(keep [2]bool) (left *circuit) {
	s.do(func(c *circuit, _ time.Time) {
		c.cut()
		for end, p := range c.pairs {
			s.part(p, keep[end])
		}
		left, s.circuit = c, nil
	})
	for end, p := range left.pairs {
		if !keep[end] {
			p.close()
			left.pairs[end] = p.closed()
		}
	}
	return left
}

// part takes the ports of a pair from the circuit.
func (s *strand) part(p pair, keep bool) {
	rtp, rtcp := p.rtp.(*port), p.rtcp.(*port)
	if !keep {
		s.worker.forget(rtp, rtcp)
		return
	}
	rtp.rest()
	rtcp.rest()
}
