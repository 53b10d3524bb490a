package sip

import (
	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// letter is one thing for a call to deal with.
type letter struct {
	kind   letterKind
	leg    Target      // LegA, LegB or one after it: whose signal or wish
	signal edge.Signal // fromWire
	sound  media.Event // fromSound
	cause  leg.Cause   // toStop
	parts  bool        // toStop: who talks hears it first
	read   func()      // toStop: called when all that follows from it is done

	dictation Dictation       // toDictate
	ruling    *mapping.Ruling // fromArbiter; nil: it gave none
	granted   bool            // fromWishes
}

// fromPeer reports whether a peer can bring about any number of such letters,
// and none of them matters much.
func (l *letter) fromPeer() bool {
	return l.kind == fromWire && l.signal.Repeats() || l.kind == fromSound && l.sound.Kind == media.DigitHeard
}

// urgent reports whether the letter is read before all that a peer has sent: who
// wants the call to end must not wait for a flood.
func (l *letter) urgent() bool { return l.kind == toStop || l.kind == toAbandon }

// stop is what a letter toStop means to the machine.
func (l *letter) stop() Event {
	if l.parts {
		return Event{Kind: Part, Cause: l.cause}
	}
	return Event{Kind: Stop, Cause: l.cause}
}

type letterKind uint8

const (
	fromWire  letterKind = iota + 1
	fromTimer            // one may have fired
	fromSound
	toStop
	toDictate // somebody has said something of the recording
	toAbandon // the network is gone: write the record and go
	fromArbiter
	fromWishes
	toSeek // leg A is there, in a call that we began: ring B
)
