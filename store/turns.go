package store

import (
	"context"
	"runtime"
)

// turn is how many DIDs a search looks at before it lets others have the allocator:
// some fifty microseconds. Most searches end with the first DID.
const turn = 64

// turns is how a search goes on that takes long, as one does that finds nothing in a
// large pool: a part at a time. One only does so at once, and the writer does not wait
// for it. What becomes free behind it meanwhile it does not see: who is told that there is
// nothing may ask again.
type turns struct {
	ctx    context.Context // of who waits for what it finds
	looked int             // at how many DIDs
	aside  bool            // others were let in between
	firm   bool            // they are not any more
	gone   error           // why nobody waits any more: it finds nothing
}

// pass lets others in when it is time to, and reports whether the search is to go on. mu is
// held, but in between.
func (s *search) pass() bool {
	if s.looked++; s.looked%turn == 0 && !s.firm {
		s.alloc.mu.Unlock()
		s.letIn()
		s.alloc.mu.Lock()
	}
	return s.gone == nil
}

// letIn lets others in, the first time until no other search takes long.
func (s *search) letIn() {
	if s.aside {
		runtime.Gosched() // else who waits for mu finds it taken
		return
	}
	s.aside = true
	s.alloc.queue.arrive()
	select {
	case s.alloc.long <- struct{}{}:
	case <-s.ctx.Done():
		s.gone = s.ctx.Err()
	}
}

// end ends the turns of a search. What it has found is about to come.
func (s *search) end() {
	if !s.aside {
		return
	}
	if s.gone == nil {
		<-s.alloc.long
	}
	s.alloc.queue.expect()
}
