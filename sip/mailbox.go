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
// reader of the network or a transaction that holds a lock.
type mailbox struct {
	mu      sync.Mutex
	urgent  []letter // read before the others
	letters []letter
	closed  bool
	ready   chan struct{} // holds one token while there are letters
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put queues a letter. It reports false if the box is closed, and if it is full
// for what a peer can bring any number of.
func (m *mailbox) put(l letter) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || len(m.letters) >= maxMail && l.fromPeer() {
		return false
	}
	if l.urgent() {
		m.urgent = append(m.urgent, l)
	} else {
		m.letters = append(m.letters, l)
	}
	if m.size() == 1 {
		m.ready <- struct{}{}
	}
	return true
}

// take waits for a letter.
func (m *mailbox) take() letter {
	<-m.ready
	m.mu.Lock()
	defer m.mu.Unlock()
	queue := &m.letters
	if len(m.urgent) > 0 {
		queue = &m.urgent
	}
	l := (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1) // there is seldom another: the place is for the next, and holds no message till then
	if m.size() > 0 {
		m.ready <- struct{}{} // its one place is free: we have just taken the token
	}
	return l
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
