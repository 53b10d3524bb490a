package relay

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Sockets moves packets between UDP sockets: four for each circuit, with a goroutine each. It is
// safe for concurrent use.
type Sockets struct {
	listen   netip.Addr
	now      func() time.Time
	interval time.Duration // mean time between reports

	// Guarded by mu.
	mu       sync.Mutex
	closed   bool
	ledger   *ledger
	random   *rand.Rand // chooses ports and spreads reports
	circuits map[uint64]*circuit
	last     uint64 // id of the newest circuit
}

// NewSockets makes a mover. It fails where the port range is unusable, or where nothing can be
// bound at the address.
func NewSockets(cfg Config) (*Sockets, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Ports.Validate(); err != nil {
		return nil, err
	}
	var seed [32]byte
	if _, err := io.ReadFull(cfg.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("draw seed of ports: %w", err)
	}
	probe, err := listen(cfg.Listen, 0)
	if err != nil {
		return nil, fmt.Errorf("listen for media on %s: %w", cfg.Listen, err)
	}
	_ = probe.Close()
	return &Sockets{
		listen: cfg.Listen, now: cfg.Now, interval: reportInterval,
		ledger:   newLedger(cfg.Ports, cfg.Rest),
		random:   rand.New(rand.NewChaCha8(seed)),
		circuits: make(map[uint64]*circuit),
	}, nil
}

// Reserve binds a port pair for each end. Until Install, what arrives there is dropped.
// Errors: ErrNoPorts, ErrClosed, or what the system said.
func (s *Sockets) Reserve(sources [2]Source) (Circuit, error) {
	first, err := s.bindAny()
	if err != nil {
		return Circuit{}, err
	}
	second, err := s.bindAny()
	if err != nil {
		s.unbind(first)
		return Circuit{}, err
	}
	return s.add([2]pair{first, second}, sources)
}

// add starts the circuit, unless the mover was closed meanwhile.
func (s *Sockets) add(pairs [2]pair, sources [2]Source) (Circuit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		pairs[0].close()
		pairs[1].close()
		return Circuit{}, ErrClosed
	}
	c := &circuit{
		pairs: pairs, now: s.now, interval: s.nextReport,
		stop: make(chan struct{}), exchange: newExchange(sources),
	}
	c.start()
	s.last++
	s.circuits[s.last] = c
	return Circuit{ID: s.last, Ports: [2]uint16{pairs[0].port, pairs[1].port}}, nil
}

// Install lets packets pass by the flow, in place of the flow before it. It does nothing to a
// circuit that was removed or released.
func (s *Sockets) Install(id Circuit, flow Flow) {
	if c := s.circuit(id); c != nil {
		c.install(flow)
	}
}

// Remove closes a circuit for good. When it returns, nothing is sent from its ports any more.
func (s *Sockets) Remove(id Circuit) {
	if c := s.circuit(id); c != nil {
		c.cut()
	}
}

// Release removes a circuit, closes its ports and lets them rest. It tells what each end saw;
// a second time, nothing.
func (s *Sockets) Release(id Circuit) [2]Counters {
	s.mu.Lock()
	c := s.circuits[id.ID]
	delete(s.circuits, id.ID)
	s.mu.Unlock()
	if c == nil {
		return [2]Counters{}
	}
	counters := c.release()
	s.retire(c.pairs[0].port, c.pairs[1].port)
	return counters
}

// Usage tells the state of the port range.
func (s *Sockets) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.usage(s.now())
}

// Close releases every circuit. When it returns, no socket and no goroutine is left.
func (s *Sockets) Close() {
	s.mu.Lock()
	s.closed = true
	var open []Circuit
	for id := range s.circuits {
		open = append(open, Circuit{ID: id})
	}
	s.mu.Unlock()
	for _, id := range open {
		s.Release(id)
	}
}

// bindAny binds a pair drawn by lot. One that somebody else uses is left to rest and another
// one drawn.
func (s *Sockets) bindAny() (pair, error) {
	for {
		port, err := s.draw()
		if err != nil {
			return pair{}, err
		}
		p, err := bind(s.listen, port)
		switch {
		case err == nil:
			return p, nil
		case errors.Is(err, syscall.EADDRINUSE):
			s.retire(port)
		default:
			s.putBack(port)
			return pair{}, err
		}
	}
}

func (s *Sockets) unbind(p pair) {
	p.close()
	s.putBack(p.port)
}

func (s *Sockets) draw() (uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	port, ok := s.ledger.draw(s.now(), s.random.IntN)
	if !ok {
		return 0, ErrNoPorts
	}
	return port, nil
}

func (s *Sockets) putBack(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.putBack(port)
}

func (s *Sockets) retire(ports ...uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, port := range ports {
		s.ledger.retire(port, s.now())
	}
}

func (s *Sockets) circuit(id Circuit) *circuit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.circuits[id.ID]
}

// nextReport is the time until a circuit reports again.
func (s *Sockets) nextReport() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return spread(s.interval, s.random)
}
