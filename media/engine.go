package media

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"

	"maskd/media/relay"
)

// Mover moves the packets of circuits. It is safe for concurrent use.
type Mover interface {
	// Reserve binds a port pair for each end, of its family. The sources are the circuit's for its life.
	Reserve(sources [2]relay.Source, families [2]relay.Family) (relay.Circuit, error)
	// Rebind gives an end other ports, of another family. On error all is as before.
	Rebind(circuit relay.Circuit, end int, family relay.Family) (relay.Circuit, error)
	// Spare binds a port pair that an end may come to have by Adopt, in place of its own, or not: Discard.
	Spare(family relay.Family) (relay.Spare, error)
	Adopt(circuit relay.Circuit, end int, spare relay.Spare) (relay.Circuit, error)
	Discard(relay.Spare)
	// Install lets packets pass by the flow, in place of the flow before it.
	Install(relay.Circuit, relay.Flow)
	// Remove takes the flow away for good. When it returns, nothing is sent any more.
	Remove(relay.Circuit)
	// Release removes, closes the ports, lets them rest and tells what passed.
	Release(relay.Circuit) [2]relay.Counters
	// Stats tells what each end has seen so far.
	Stats(relay.Circuit) [2]relay.Counters
	// Play begins a clip to an end's peer, once or in a loop; Stop ends it.
	Play(circuit relay.Circuit, end int, clip *relay.Clip, loop bool)
	Stop(circuit relay.Circuit, end int)
	// Press sends a digit to an end's peer.
	Press(circuit relay.Circuit, end int, digit relay.Digit, duration time.Duration)
	// Clear forgets the digits that neither end's peer has been sent yet. When it returns, no more of
	// them is sent.
	Clear(relay.Circuit)
	// Tap lets a tap listen in; nil: none.
	Tap(relay.Circuit, *relay.Tap)
	// Events tells what is noticed on all circuits. A mover never waits for its reader.
	Events() <-chan relay.Event
	// Usage tells the state of the port range.
	Usage() relay.Usage
	// Close releases every circuit and returns when all is gone.
	Close()
}

// Engine gives sound to calls: a Session each. It is safe for concurrent use.
type Engine struct {
	mover Mover
	reach reach

	// Lifetime.
	stop       chan struct{} // closed by Close
	delivering sync.WaitGroup

	// Guarded by mu.
	mu       sync.Mutex
	random   io.Reader
	lots     lots
	closed   bool
	sessions map[uint64]*Session // by circuit
}

// New makes an engine that moves packets with the given mover, which it owns from now on.
func New(cfg Config, mover Mover) *Engine {
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	e := &Engine{
		mover: mover, reach: cfg.reach(), stop: make(chan struct{}), random: cfg.Random,
		sessions: make(map[uint64]*Session),
	}
	if events := mover.Events(); events != nil {
		e.delivering.Go(func() { e.deliver(events) })
	}
	return e
}

// NewSockets makes an engine that moves packets between UDP sockets, in the way that is best on
// this system. It fails where the configuration is not valid or one of Config.Listen is no address of
// this host.
func NewSockets(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	mover, err := relay.New(cfg.relay())
	if err != nil {
		return nil, err
	}
	return New(cfg, mover), nil
}

// NewOn makes an engine that moves packets on a network, such as one in memory. It is for tests of
// what is around it, also in fake time.
func NewOn(network relay.Network, cfg Config) (*Engine, error) {
	mover, err := relay.NewOn(network, cfg.relay())
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
func (e *Engine) Open(options Options) (*Session, error) {
	a, b, err := e.identities(options)
	if err != nil {
		return nil, err
	}
	atA, atB := e.reach.leg(options.FamilyA), e.reach.leg(options.FamilyB)
	circuit, err := e.mover.Reserve([2]relay.Source{a.source, b.source}, [2]Family{atA[0].family(), atB[0].family()})
	if err != nil {
		return nil, fmt.Errorf("reserve ports: %w", err)
	}
	s := &Session{engine: e, circuit: circuit, events: options.Events}
	s.first[0].begin(a.local(atA, circuit.Ports[0]), atA, options.A, a.secret)
	s.first[1].begin(b.local(atB, circuit.Ports[1]), atB, options.B, b.secret)
	s.legs = [2]*negotiation{&s.first[0], &s.first[1]}
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
	open, first := e.shut()
	for _, s := range open {
		s.Close()
	}
	e.mover.Close()
	if first {
		close(e.stop)
	}
	e.delivering.Wait()
}

func (e *Engine) identities(options Options) (a, b identity, err error) {
	if a, err = e.identity(options.A); err != nil {
		return a, b, err
	}
	b, err = e.identity(options.B)
	return a, b, err
}

func (e *Engine) identity(options LegOptions) (identity, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return identity{}, ErrClosed
	}
	return e.lots.draw(e.random, options.SRTP)
}

func (e *Engine) add(s *Session) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.sessions[s.circuit.ID] = s
	return true
}

func (e *Engine) forget(s *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s.circuit.ID)
}

// shut lets no session open any more and gives those that are, and whether it does so for the
// first time.
func (e *Engine) shut() (open []*Session, first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	first = !e.closed
	e.closed = true
	for _, s := range e.sessions {
		open = append(open, s)
	}
	return open, first
}
