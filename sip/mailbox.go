package sip

import (
	"slices"
	"sync"
)

// maxMail bounds what a peer can put into a mailbox. A leg gets a handful of
// messages in a second; one that gets hundreds unread is being flooded. Only
// what the peer would send again is refused: everything else comes once.
const maxMail = 256

// mailbox is a call's queue of letters. Putting never blocks: who puts is a
// reader of the network or a transaction that holds a lock. It is opened before
// it is used.
type mailbox struct {
	mu      sync.Mutex
	urgent  []letter // read before the others
	letters []letter
	closed  bool
	filled  sync.Cond // there is a letter, and there was none
}

func (m *mailbox) open() { m.filled.L = &m.mu }

// put queues a letter. It reports false if the box is closed, and if it is full
// for what a peer can bring any number of.
func (m *mailbox) put(l letter) bool {
	fresh, ok := m.queue(&l)
	if fresh { // the call finds nobody who holds mu
		m.filled.Signal()
	}
	return ok
}

// queue is put without telling; fresh is whether there is something to tell.
func (m *mailbox) queue(l *letter) (fresh, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || len(m.letters) >= maxMail && l.fromPeer() {
		return false, false
	}
	if l.urgent() {
		m.urgent = append(m.urgent, *l)
	} else {
		m.letters = append(m.letters, *l)
	}
	return m.size() == 1, true
}

// take waits for a letter.
func (m *mailbox) take(into *letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.size() == 0 {
		m.filled.Wait()
	}
	queue := &m.letters
	if len(m.urgent) > 0 {
		queue = &m.urgent
	}
	*into = (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1) // there is seldom another: the place is for the next, and holds no message till then
}

// size returns how many letters there are. The caller holds mu.
func (m *mailbox) size() int { return len(m.urgent) + len(m.letters) }

// empty reports whether there is no letter.
func (m *mailbox) empty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.size() == 0
}

// close refuses further letters and returns those never read.
func (m *mailbox) close() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return append(m.urgent, m.letters...)
}
