package edge

import "sync"

// entry is how a message finds the leg it belongs to.
type entry struct {
	callID string
	trunk  *Trunk            // only this trunk's addresses may speak in the dialog
	put    func(Signal) bool // false: nobody will read it
	finals bool              // of an INVITE whose transaction is gone: put takes failures too
}

// index finds legs: by our own tag, which is 128 random bits, or by the branch
// of an INVITE.
type index struct {
	mu      sync.RWMutex
	entries map[string]entry
}

func newIndex() *index { return &index{entries: make(map[string]entry)} }

func (x *index) put(key string, e entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.entries[key] = e
}

func (x *index) drop(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.entries, key)
}

// find returns the leg of that key and Call-ID. The Call-ID must match too: a
// tag alone is not a dialog (RFC 3261 section 12).
func (x *index) find(key, callID string) (entry, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e, ok := x.entries[key]
	return e, ok && e.callID == callID
}

// has reports whether any leg is on the trunk. It looks at each: nobody asks
// but for a trunk that leaves.
func (x *index) has(t *Trunk) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, e := range x.entries {
		if e.trunk == t {
			return true
		}
	}
	return false
}

// size returns how many legs there are, for tests that nothing is left.
func (x *index) size() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.entries)
}
