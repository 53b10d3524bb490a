package recording

import (
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// Scribes is how many threads write all recordings. One has time for a thousand, and the other
	// one goes on when the disk holds it up. A process needs so many more to run Go at once, or
	// others wait for one that is waiting for the processor.
	Scribes = 2
	// pace is how often a recording empties its tap, which has room for 18 times as much.
	pace = 100 * time.Millisecond
	// stint is for how long a scribe works at a stretch, and rest how long it sleeps then. The system
	// takes the processor from nobody before its tick, every 4 ms: a packet that comes amid the work
	// of a whole turn would wait for the rest of it.
	stint = 50 * time.Microsecond
	rest  = 100 * time.Microsecond
)

// scribe writes recordings, on a thread that lets others have the processor first: as one of them
// it would keep those waiting that move packets, whenever many recordings fill a chunk at once.
// Where a machine has no time left at all, recordings have holes and calls none.
type scribe struct {
	// Guarded by mu.
	mu      sync.Mutex
	given   []*Recording // since it last looked
	running bool
}

// take gives the scribe a recording, which it writes until that is stopped, among what is waited
// for.
func (s *scribe) take(r *Recording, running *sync.WaitGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = append(s.given, r)
	if !s.running {
		s.running = true
		running.Go(s.run)
	}
}

// run writes until there is nothing left to write.
func (s *scribe) run() {
	runtime.LockOSThread() // and never unlocked: the thread ends with the work that it was slowed down for
	yield()
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	var writing []*Recording
	for {
		given, more := s.look(len(writing) > 0)
		if !more {
			return
		}
		writing = turns(append(writing, given...))
		if len(writing) > 0 {
			<-ticker.C
		}
	}
}

// turns writes what has passed of each, with rests, and returns those that are not over.
func turns(writing []*Recording) []*Recording {
	begun := time.Now()
	return slices.DeleteFunc(writing, func(r *Recording) (last bool) {
		if time.Since(begun) >= stint {
			sleep(rest)
			begun = time.Now()
		}
		return r.turn()
	})
}

// look returns what was given, and reports whether there is anything to do.
func (s *scribe) look(writing bool) (given []*Recording, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	given, s.given = s.given, nil
	s.running = writing || len(given) > 0
	return given, s.running
}
