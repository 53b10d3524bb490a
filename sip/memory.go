package sip

import (
	"sync"
	"time"
)

// memory is what is remembered of suspects, of so many at most. When all are of late,
// nobody new may try: who comes with ever new numbers must not make us forget.
type memory[V any] struct {
	most int
	idle func(V, time.Time) bool // nothing of it need be remembered any more

	mu sync.Mutex
	of map[suspect]V
}

func newMemory[V any](most int, idle func(V, time.Time) bool) memory[V] {
	return memory[V]{most: most, idle: idle, of: make(map[suspect]V)}
}

// recall returns what is remembered of a suspect; the zero value if nothing is.
func (m *memory[V]) recall(s suspect) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[s]
}

// try has a suspect try something, and reports whether it may: how tells what is to be
// remembered then.
func (m *memory[V]) try(s suspect, at time.Time, how func(V) (V, bool)) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.of[s]
	if !ok && !m.room(at) {
		return false
	}
	next, allowed := how(known)
	m.of[s] = next
	return allowed
}

// revise changes what is remembered.
func (m *memory[V]) revise(s suspect, how func(V) V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of[s] = how(m.of[s])
}

// forget remembers nothing of a suspect any more.
func (m *memory[V]) forget(s suspect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of, s)
}

// room reports whether one more can be remembered, and makes it if need be. The
// caller holds mu.
func (m *memory[V]) room(at time.Time) bool {
	if len(m.of) < m.most {
		return true
	}
	for s, known := range m.of {
		if m.idle(known, at) {
			delete(m.of, s)
		}
	}
	return len(m.of) < m.most
}
