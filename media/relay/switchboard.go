package relay

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// Switchboard keeps the circuits and the ports, and has a carrier move the packets. It is safe
// for concurrent use.
type Switchboard struct {
	now      func() time.Time
	interval time.Duration // mean time between reports
	silence  time.Duration // after which a peer is said to be silent
	hosts    hosts
	carrier  carrier
	notices  *notices
	circuits sync.Pool // of *circuit: blank ones, of calls that are over
	flows    sync.Pool // of *Flow: likewise, that were on their way to a circuit

	// Lifetime.
	closing sync.Once
	stop    chan struct{} // closed by Close
	tidying sync.WaitGroup
	leaving sync.WaitGroup // circuits that are in no list any more, and not at rest yet

	// Guarded by mu.
	mu     sync.Mutex
	closed bool
	ledger *ledger
	random *rand.Rand // chooses ports, spreads reports and sets their clocks
	lines  map[uint64]*openLine
	last   uint64 // id of the newest circuit
	turn   int    // of workers: how many were given a circuit
}

// carrier moves the packets of circuits.
type carrier interface {
	// workers is how many there are; the first is 0.
	workers() int
	// keeps is how many pairs may be open, of circuits or not, before those of circuits that end are closed; 0: they
	// always are.
	keeps() int
	// bind opens both ports of a pair at an address of ours, or none. The error of a port in use is EADDRINUSE.
	bind(addr netip.Addr, port uint16) (pair, error)
	// drain drops what has arrived at pairs and was not read; where there is but one the other is closed. Nobody
	// who hears them reads yet.
	drain(pairs [2]pair)
	// discard closes a pair that no circuit has.
	discard(pair)
	// start gives the circuit a worker and its desk, and begins to hear what arrives at its pairs.
	start(c *circuit, worker int) (line, error)
	// close returns when nothing of the carrier is left. All lines are hung up and all pairs discarded before.
	close()
}

// line is a circuit that a carrier moves.
type line interface {
	// do has f run in the circuit's turn, when no packet of it is being moved, and returns when it has.
	do(f func(c *circuit, now time.Time))
	// post does likewise and may return before.
	post(f func(c *circuit, now time.Time))
	// postpone does likewise, and it may take watchInterval until it is done, unless a datagram comes to the
	// circuit while nothing may pass there yet.
	postpone(f func(c *circuit, now time.Time))
	// rebind gives an end other ports, in the circuit's turn, and closes those before, which it tells. A
	// circuit that is cut keeps its own: ErrClosed.
	rebind(end int, to pair) (before pair, err error)
	// hangUp cuts the circuit and gives it back. When it returns nothing is sent any more, and what arrives
	// is heard by nobody. Its pairs are closed, but for those that may be kept. What is asked of the line
	// after it is not done.
	hangUp(keep [2]bool) *circuit
}

// newSwitchboard makes a mover of a carrier, which it owns from now on.
func newSwitchboard(cfg Config, carrier carrier) (*Switchboard, error) {
	var seed [32]byte
	if _, err := io.ReadFull(cfg.Random, seed[:]); err != nil {
		carrier.close()
		return nil, fmt.Errorf("draw seed of ports: %w", err)
	}
	s := &Switchboard{
		now: cfg.Now, interval: cfg.interval, silence: cfg.Silence, hosts: cfg.Listen, carrier: carrier, notices: newNotices(),
		stop:   make(chan struct{}),
		ledger: newLedger(cfg.Ports, cfg.Rest, carrier.keeps()),
		random: rand.New(rand.NewChaCha8(seed)),
		lines:  make(map[uint64]*openLine),
	}
	s.circuits.New = func() any { return new(circuit) }
	s.flows.New = func() any { return new(Flow) }
	s.tidying.Go(s.tidyOn)
	return s, nil
}

// Reserve binds a port pair for each end, on our address of its family; of zero, and of one that we have
// no address of, on the first. Until Install, what arrives there is dropped.
// Errors: ErrNoPorts, ErrClosed, or what the system said.
func (s *Switchboard) Reserve(sources [2]Source, families [2]Family) (Circuit, error) {
	worker := s.nextWorker()
	pairs, err := s.bindTwo(worker, families)
	if err != nil {
		return Circuit{}, err
	}
	id, err := s.start(sources, pairs, worker)
	if err != nil {
		s.unbind(pairs[0])
		s.unbind(pairs[1])
	}
	return id, err
}

// nextWorker lets the workers take turns.
func (s *Switchboard) nextWorker() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	return s.turn % s.carrier.workers()
}

// start hands the circuit to the carrier, unless the switchboard was closed meanwhile.
func (s *Switchboard) start(sources [2]Source, pairs [2]pair, worker int) (Circuit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Circuit{}, ErrClosed
	}
	for end := range sources {
		sources[end].wallclock = wallclock(s.random.Uint64())
	}
	id := Circuit{ID: s.last + 1, Ports: [2]uint16{pairs[0].port, pairs[1].port}}
	c := s.circuits.Get().(*circuit)
	c.begin(id.ID, sources, pairs, s.timetable(), s.notices)
	line, err := s.carrier.start(c, worker)
	if err != nil {
		return Circuit{}, fmt.Errorf("listen for a call: %w", err)
	}
	s.last = id.ID
	s.lines[id.ID] = &openLine{line: line}
	return id, nil
}

// timetable is drawn for one circuit.
func (s *Switchboard) timetable() timetable {
	return newTimetable(s.interval, s.silence, [2]uint64{s.random.Uint64(), s.random.Uint64()})
}

// Install lets packets pass by the flow that are sent once it has returned, in place of the flow before it. It
// waits for what could pass by that one, and for ports that the system was told to keep shut. It does nothing to a
// circuit that was removed or released.
func (s *Switchboard) Install(id Circuit, flow Flow) {
	l, ok := s.line(id)
	if !ok {
		return
	}
	next := s.flows.Get().(*Flow)
	*next = flow
	l.install(flow.Ends[0].Speaks || flow.Ends[1].Speaks, func(c *circuit, now time.Time) {
		c.install(*next, now)
		*next = Flow{}
		s.flows.Put(next)
	})
}

// Play begins a clip for an end's peer, once or again and again, in place of another clip and of
// what the other peer says. Once there is nothing more to play, Played is among the events.
func (s *Switchboard) Play(id Circuit, end int, clip *Clip, loop bool) {
	if l, ok := s.line(id); ok {
		l.post(func(c *circuit, now time.Time) { c.exchange.play(end, clip, loop, now) })
	}
}

// Stop ends what is played to an end's peer.
func (s *Switchboard) Stop(id Circuit, end int) {
	if l, ok := s.line(id); ok {
		l.post(func(c *circuit, _ time.Time) { c.exchange.stop(end) })
	}
}

// Press sends a digit to an end's peer, after those before it.
func (s *Switchboard) Press(id Circuit, end int, digit Digit, duration time.Duration) {
	if l, ok := s.line(id); ok {
		l.post(func(c *circuit, now time.Time) { c.exchange.press(end, digit, duration, now) })
	}
}

// Clear forgets the digits that neither end's peer has been sent yet, and what is left of one under
// way. When it returns, no more of them is sent.
func (s *Switchboard) Clear(id Circuit) {
	if l, ok := s.line(id); ok {
		l.do(func(c *circuit, _ time.Time) { c.exchange.clear() })
	}
}

// Tap lets a tap listen in, in place of the one before; nil ends that. When it returns, the one
// before receives nothing more.
func (s *Switchboard) Tap(id Circuit, tap *Tap) {
	if l, ok := s.line(id); ok {
		l.do(func(c *circuit, _ time.Time) { c.exchange.tap = tap })
	}
}

// Stats tells what each end has seen so far; of a circuit that was released, nothing.
func (s *Switchboard) Stats(id Circuit) (counters [2]Counters) {
	l, ok := s.line(id)
	if !ok {
		return counters
	}
	if counters, ok = l.final(); !ok {
		l.do(func(c *circuit, _ time.Time) { counters = c.counters() })
	}
	return counters
}

// Remove closes a circuit for good. When it returns, nothing is sent from its ports any more.
func (s *Switchboard) Remove(id Circuit) {
	if l, ok := s.line(id); ok {
		s.hangUp(l)
	}
}

// Release removes a circuit and lets its ports rest. It tells what each end saw; a second time, nothing.
func (s *Switchboard) Release(id Circuit) [2]Counters {
	s.mu.Lock()
	l, ok := s.lines[id.ID]
	if ok {
		delete(s.lines, id.ID)
		s.leaving.Add(1)
	}
	s.mu.Unlock()
	if !ok {
		return [2]Counters{}
	}
	defer s.leaving.Done()
	s.hangUp(l)
	c := l.leave()
	counters := c.counters()
	s.retire(c.pairs[:]...)
	*c = circuit{}
	s.circuits.Put(c)
	return counters
}

// hangUp returns when it has been done, whoever does it.
func (s *Switchboard) hangUp(l *openLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.over, l.left = true, l.line.hangUp(s.keepTwo())
	}
}

// Events tells what was noticed on all circuits. Nobody waits for its reader: what there is no
// room for is lost.
func (s *Switchboard) Events() <-chan Event { return s.notices.events }

// Usage tells the state of the port range.
func (s *Switchboard) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.usage(s.now())
}

// Close releases every circuit. When it returns, no socket and no goroutine is left. It may be
// called again.
func (s *Switchboard) Close() {
	for _, id := range s.shut() {
		s.Release(id)
	}
	s.leaving.Wait() // others may have released some
	s.closing.Do(func() {
		close(s.stop)
		s.tidying.Wait()
		s.discardKept(mostOpen)
		s.carrier.close()
	})
}

// shut lets no circuit open any more and gives those that are.
func (s *Switchboard) shut() (open []Circuit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for id := range s.lines {
		open = append(open, Circuit{ID: id})
	}
	return open
}

func (s *Switchboard) line(id Circuit) (*openLine, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lines[id.ID]
	return l, ok
}
