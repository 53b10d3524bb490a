package media

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"maskd/media/relay"
)

// Mover moves the packets of circuits. It is safe for concurrent use.
type Mover interface {
	// Reserve binds a port pair for each end. The sources are the circuit's for its life.
	Reserve(sources [2]relay.Source) (relay.Circuit, error)
	// Install lets packets pass by the flow, in place of the flow before it.
	Install(relay.Circuit, relay.Flow)
	// Remove takes the flow away for good. When it returns, nothing is sent any more.
	Remove(relay.Circuit)
	// Release removes, closes the ports, lets them rest and tells what passed.
	Release(relay.Circuit) [2]relay.Counters
	// Usage tells the state of the port range.
	Usage() relay.Usage
	// Close releases every circuit and returns when all is gone.
	Close()
}

// Engine gives sound to calls: a Session each. It is safe for concurrent use.
type Engine struct {
	mover     Mover
	advertise netip.Addr

	// Guarded by mu.
	mu       sync.Mutex
	random   io.Reader
	closed   bool
	sessions map[*Session]struct{}
}

// New makes an engine that moves packets with the given mover, which it owns from now on.
func New(cfg Config, mover Mover) *Engine {
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	return &Engine{
		mover: mover, advertise: cfg.advertise(), random: cfg.Random,
		sessions: make(map[*Session]struct{}),
	}
}

// NewSockets makes an engine that moves packets between UDP sockets. It fails where the
// configuration is not valid or Config.Listen is no address of this host.
func NewSockets(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	mover, err := relay.NewSockets(cfg.relay())
	if err != nil {
		return nil, err
	}
	return New(cfg, mover), nil
}

// NewMute makes an engine that negotiates but moves nothing: it opens no socket and starts no
// goroutine. It hands out the port pairs of the range in ascending order.
func NewMute(cfg Config) *Engine { return New(cfg, relay.NewMute(cfg.Ports)) }

// Open reserves a port pair for each leg of a call. Errors: ErrNoPorts, ErrClosed, or what
// the system said.
func (e *Engine) Open() (*Session, error) {
	a, b, err := e.identities()
	if err != nil {
		return nil, err
	}
	circuit, err := e.mover.Reserve([2]relay.Source{a.source, b.source})
	if err != nil {
		return nil, fmt.Errorf("reserve ports: %w", err)
	}
	s := &Session{engine: e, circuit: circuit}
	for i, id := range [2]identity{a, b} {
		s.legs[i] = newNegotiation(local{session: id.session, addr: e.advertise, port: circuit.Ports[i]})
	}
	if !e.add(s) {
		e.mover.Release(circuit)
		return nil, ErrClosed
	}
	return s, nil
}

// Usage tells how many port pairs are free, resting and used.
func (e *Engine) Usage() Usage { return e.mover.Usage() }

// Close closes every session and returns when nothing of them is left.
func (e *Engine) Close() {
	for _, s := range e.shut() {
		s.Close()
	}
	e.mover.Close()
}

func (e *Engine) identities() (a, b identity, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return a, b, ErrClosed
	}
	if a, err = drawIdentity(e.random); err != nil {
		return a, b, err
	}
	b, err = drawIdentity(e.random)
	return a, b, err
}

func (e *Engine) add(s *Session) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.sessions[s] = struct{}{}
	return true
}

func (e *Engine) forget(s *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s)
}

// shut lets no session open any more and gives those that are.
func (e *Engine) shut() (open []*Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for s := range e.sessions {
		open = append(open, s)
	}
	return open
}
