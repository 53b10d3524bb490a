package store

import "runtime"

// turn is how many DIDs a search looks at before it lets others have the allocator:
// some fifty microseconds. Most searches end with the first DID.
const turn = 64

// turns is how a search goes on that takes long, as one does that finds nothing in a
// large pool: a part at a time. One only does so at once, and the writer does not wait
// for it. What becomes free behind it meanwhile it does not see: who is told that there is
// nothing may ask again.
type turns struct {
	looked int  // at how many DIDs
	aside  bool // others were let in between
	firm   bool // they are not any more
}

// pass lets others in when it is time to. mu is held, but in between.
func (a *allocator) pass(t *turns) {
	if t.looked++; t.looked%turn != 0 || t.firm {
		return
	}
	a.mu.Unlock()
	if t.aside {
		runtime.Gosched() // else who waits for mu finds it taken
	} else {
		t.aside = true
		a.queue.arrive()
		a.long.Lock()
	}
	a.mu.Lock()
}

// end ends the turns of a search. What it has found is about to come.
func (s *search) end() {
	if s.aside {
		s.alloc.long.Unlock()
		s.alloc.queue.expect()
	}
}
