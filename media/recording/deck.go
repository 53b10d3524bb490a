package recording

import (
	"sync"
	"time"

	"maskd/media"
)

// pace is how often a recording empties its tap, which has room for nine times as much.
const pace = 100 * time.Millisecond

// Session is a call's sound.
type Session interface {
	// Tap lets a tap listen in, in place of the one before; nil ends that.
	Tap(*media.Tap)
}

// Order is what to record.
type Order struct {
	ID, Call, Interaction string
	// Swapped is whether the sound of party A is that of leg B.
	Swapped bool
	// Listening is whether it listens from its beginning, and Why why it does or does not.
	Listening bool
	Why       string
	// Ended is told once, when all that there will be is on the disk; an error is why that is not
	// all there could have been. It may take as long as it wants.
	Ended func(Manifest, error)
}

// Deck makes recordings.
type Deck struct {
	vault   *Vault
	running sync.WaitGroup
}

// NewDeck makes a deck whose recordings are kept in a vault.
func NewDeck(v *Vault) *Deck { return &Deck{vault: v} }

// Close waits for the last recording. Each must have been stopped.
func (d *Deck) Close() { d.running.Wait() }

// Start begins a recording. It never waits for the disk, nor does anything of [Recording].
func (d *Deck) Start(session Session, o Order) *Recording {
	tap := media.NewTap()
	session.Tap(tap)
	return d.start(tap, func() { session.Tap(nil) }, o)
}

func (d *Deck) start(from tap, leave func(), o Order) *Recording {
	begun := time.Now()
	r := &Recording{
		begun: begun, swapped: o.Swapped, ended: o.Ended, stop: make(chan struct{}), tap: from, leave: leave, reel: newReel(d.vault, o, begun),
		spans: []Span{{0, o.Listening, o.Why}},
	}
	d.running.Go(r.run)
	return r
}

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
	stop    chan struct{} // closed by Stop

	// The goroutine's.
	tap   tap
	leave func() // ends the tap
	reel  *reel

	// Guarded by mu.
	mu      sync.Mutex
	spans   []Span
	stopped bool
}

// Listen has the recording listen from now on, or not: it is silent then. Why is a word for the
// manifest.
func (r *Recording) Listen(on bool, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.spans[len(r.spans)-1]; !r.stopped && last.Listening != on {
		r.spans = append(r.spans, Span{Milliseconds(time.Since(r.begun).Milliseconds()), on, why})
	}
}

// Listening reports whether the recording listens now.
func (r *Recording) Listening() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.stopped && r.spans[len(r.spans)-1].Listening
}

// Stop ends the recording. What has been said so far will be kept.
func (r *Recording) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.stopped = true
		close(r.stop)
	}
}

func (r *Recording) run() {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	err := r.reel.save()
	for err == nil {
		select {
		case <-ticker.C:
			err = r.turn(time.Now().Add(-horizon))
		case <-r.stop:
			r.finish(r.turn(time.Now()))
			return
		}
	}
	r.finish(err)
}

// turn takes what has passed, and writes the time line up to a time.
func (r *Recording) turn(until time.Time) (err error) {
	r.tap.Drain(func(p media.Sound) {
		if r.swapped {
			p.Speaker = p.Speaker.Other()
		}
		if err == nil && r.listened(p.At) {
			err = r.reel.put(p)
		}
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.reel.manifest.Spans = append(r.reel.manifest.Spans[:0], r.spans...)
	r.mu.Unlock()
	return r.reel.write(until)
}

// listened tells whether what came then may be kept.
func (r *Recording) listened(at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return listening(r.spans, at.Sub(r.begun))
}

// finish leaves the call alone and closes the files.
func (r *Recording) finish(broken error) {
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
	m, err := r.reel.close(time.Now(), why)
	if broken == nil {
		broken = err
	}
	r.ended(m, broken)
}
