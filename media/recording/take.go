package recording

import (
	"sync"
	"sync/atomic"
	"time"

	"maskd/media"
)

// tap is what a recording listens to: a [media.Tap].
type tap interface {
	Drain(show func(media.Sound))
	Dropped(speaker media.Leg) uint64
}

// Recording is a recording that is being made. Its methods are safe for concurrent use.
type Recording struct {
	begun   time.Time
	swapped bool
	ended   func(Manifest, error)
	over    func() // told when all of it is

	// The scribe's, and then that of who closes the files.
	tap   tap
	leave func() // ends the tap
	reel  *reel

	spans atomic.Pointer[[]Span] // never changed, but replaced whole

	// Guarded by mu.
	mu      sync.Mutex
	stopped time.Time // zero: not yet
}

// Listen has the recording listen from now on, or not: it is silent then. Why is a word for the
// manifest.
func (r *Recording) Listen(on bool, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := *r.spans.Load()
	if last := spans[len(spans)-1]; r.stopped.IsZero() && last.Listening != on {
		spans = append(spans[:len(spans):len(spans)], Span{Milliseconds(time.Since(r.begun).Milliseconds()), on, why})
		r.spans.Store(&spans)
	}
}

// Stop ends the recording. What has been said so far will be kept.
func (r *Recording) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped.IsZero() {
		r.stopped = time.Now()
	}
}

func (r *Recording) stoppedAt() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

// turn writes what has passed, and reports whether that was all.
func (r *Recording) turn() (last bool) {
	until, over := time.Now().Add(-horizon), r.stoppedAt()
	if !over.IsZero() {
		until = over
	}
	err := r.write(until)
	if over.IsZero() && err == nil {
		return false
	}
	if over.IsZero() {
		over = time.Now()
	}
	go r.finish(over, err) // it waits for the disk
	return true
}

// write takes what has passed, and writes the time line up to a time.
func (r *Recording) write(until time.Time) (err error) {
	r.tap.Drain(func(p media.Sound) {
		if r.swapped {
			p.Speaker = p.Speaker.Other()
		}
		if err == nil && listening(*r.spans.Load(), p.At.Sub(r.begun)) {
			err = r.reel.put(p)
		}
	})
	if err != nil {
		return err
	}
	r.reel.manifest.Spans = *r.spans.Load()
	return r.reel.write(until)
}

// finish leaves the call alone and closes the files.
func (r *Recording) finish(at time.Time, broken error) {
	defer r.over()
	r.leave()
	why := EndedWithCall
	if broken != nil {
		why = EndedByDisk
	}
	for i, speaker := range []media.Leg{media.A, media.B} {
		if r.swapped {
			speaker = speaker.Other()
		}
		r.reel.manifest.Dropped[i] = r.tap.Dropped(speaker)
	}
	m, err := r.reel.close(at, why)
	if broken == nil {
		broken = err
	}
	r.ended(m, broken)
}
