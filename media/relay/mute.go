package relay

import (
	"sync"
	"time"
)

// Mute hands out port numbers and moves nothing: no socket, no goroutine, no clock. It is for
// tests of what is around it, also in fake time. It is safe for concurrent use.
type Mute struct {
	ports PortRange

	// Guarded by mu.
	mu       sync.Mutex
	closed   bool
	circuits map[uint64]*muted
	used     map[uint16]bool
	next     int // index of the pair to try first
	last     uint64
}

type muted struct {
	ports   [2]uint16
	flow    Flow
	flows   bool
	removed bool
	played  [2]uint64 // packets, to each end
}

// NewMute makes a mover that takes pairs from the range in ascending order, and from its
// beginning again after the end. Ports do not rest.
func NewMute(ports PortRange) *Mute {
	return &Mute{ports: ports, circuits: make(map[uint64]*muted), used: make(map[uint16]bool)}
}

// Reserve takes the next two pairs. Errors: ErrNoPorts, ErrClosed.
func (m *Mute) Reserve([2]Source, [2]Family) (Circuit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return Circuit{}, ErrClosed
	case m.ports.pairs()-len(m.used) < pairsPerCall:
		return Circuit{}, ErrNoPorts
	}
	m.last++
	ports := [2]uint16{m.take(), m.take()}
	m.circuits[m.last] = &muted{ports: ports}
	return Circuit{ID: m.last, Ports: ports}, nil
}

// Rebind takes the next pair for an end. Errors: ErrNoPorts, ErrClosed.
func (m *Mute) Rebind(id Circuit, end int, _ Family) (Circuit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.circuits[id.ID]
	switch {
	case c == nil || c.removed:
		return id, ErrClosed
	case len(m.used) == m.ports.pairs():
		return id, ErrNoPorts
	}
	port := m.take()
	delete(m.used, c.ports[end])
	c.ports[end] = port
	return Circuit{ID: id.ID, Ports: c.ports}, nil
}

// Spare takes the next pair, for no circuit. Errors: ErrNoPorts, ErrClosed.
func (m *Mute) Spare(Family) (Spare, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return Spare{}, ErrClosed
	case len(m.used) == m.ports.pairs():
		return Spare{}, ErrNoPorts
	}
	return Spare{Port: m.take()}, nil
}

// Adopt gives an end the pair of a spare. Errors: ErrClosed.
func (m *Mute) Adopt(id Circuit, end int, spare Spare) (Circuit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.circuits[id.ID]
	if c == nil || c.removed {
		return id, ErrClosed
	}
	delete(m.used, c.ports[end])
	c.ports[end] = spare.Port
	return Circuit{ID: id.ID, Ports: c.ports}, nil
}

// Discard frees the pair of a spare.
func (m *Mute) Discard(spare Spare) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.used, spare.Port)
}

// take is called only where a pair is left.
func (m *Mute) take() uint16 {
	for {
		port := uint16(m.ports.even() + 2*m.next)
		m.next = (m.next + 1) % m.ports.pairs()
		if !m.used[port] {
			m.used[port] = true
			return port
		}
	}
}

// Install keeps the flow for Flow to show.
func (m *Mute) Install(id Circuit, flow Flow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.circuits[id.ID]; c != nil && !c.removed {
		c.flow, c.flows = flow, true
	}
}

// Remove takes the flow away for good.
func (m *Mute) Remove(id Circuit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.circuits[id.ID]; c != nil {
		c.flows, c.removed = false, true
	}
}

// Release frees the ports, and tells as Stats does.
func (m *Mute) Release(id Circuit) (counters [2]Counters) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.circuits[id.ID]; c != nil {
		counters = c.counters()
		delete(m.circuits, id.ID)
		delete(m.used, c.ports[0])
		delete(m.used, c.ports[1])
	}
	return counters
}

// counters are those of packets that would have been sent.
func (c *muted) counters() (counters [2]Counters) {
	for end, packets := range c.played {
		counters[end].Out.Packets = packets
	}
	return counters
}

// Flow shows by which flow packets would pass, if any would.
func (m *Mute) Flow(id Circuit) (flow Flow, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.circuits[id.ID]
	if c == nil || !c.flows {
		return Flow{}, false
	}
	return c.flow, true
}

// Play plays nothing, but counts the packets of the clip, once, for Stats to show.
func (m *Mute) Play(id Circuit, end int, clip *Clip, _ bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.circuits[id.ID]; c != nil && !c.removed {
		c.played[end] += uint64(clip.Samples()) / 160 // 20 ms each
	}
}

// Stop stops nothing.
func (m *Mute) Stop(Circuit, int) {}

// Press sends nothing.
func (m *Mute) Press(Circuit, int, Digit, time.Duration) {}

// Clear has nothing to clear.
func (m *Mute) Clear(Circuit) {}

// Tap taps nothing.
func (m *Mute) Tap(Circuit, *Tap) {}

// Stats tells what would have been played; nothing else passed.
func (m *Mute) Stats(id Circuit) (counters [2]Counters) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.circuits[id.ID]; c != nil {
		counters = c.counters()
	}
	return counters
}

// Events gives no channel: there is nothing to notice.
func (m *Mute) Events() <-chan Event { return nil }

// Usage tells the state of the port range.
func (m *Mute) Usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Usage{Free: m.ports.pairs() - len(m.used), Used: len(m.used)}
}

// Close releases every circuit.
func (m *Mute) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	clear(m.circuits)
	clear(m.used)
}
