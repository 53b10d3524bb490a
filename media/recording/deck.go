package recording

import (
	"sync"
	"sync/atomic"
	"time"

	"maskd/media"
)

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
	scribes [Scribes]scribe
	next    atomic.Uint32 // whose turn it is to get a recording
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
		begun: begun, swapped: o.Swapped, ended: o.Ended, over: d.running.Done, tap: from, leave: leave, reel: newReel(d.vault, o, begun),
	}
	r.spans.Store(&[]Span{{0, o.Listening, o.Why}})
	d.running.Add(1)
	d.scribes[d.next.Add(1)%Scribes].take(r, &d.running)
	return r
}
