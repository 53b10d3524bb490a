package media

import (
	"time"

	"maskd/media/relay"
)

// Digit is a key of a telephone.
type Digit = relay.Digit

// Keys is a set of them.
type Keys = relay.Keys

// Star is the key *.
const Star = relay.Star

// ParseDigit reads a key: one of 0-9, *, #, A-D in upper case, or ! for the flash.
func ParseDigit(key byte) (d Digit, ok bool) { return relay.ParseDigit(key) }

// EventKind is what was noticed on a leg.
type EventKind = relay.EventKind

// The kinds.
const (
	Latched    = relay.Latched    // the peer behind a NAT was found, and is locked
	DigitHeard = relay.DigitHeard // the peer pressed and released a key
	Silent     = relay.Silent     // neither RTP nor RTCP for the time-out, though sound should come; again after each
	OneWay     = relay.OneWay     // the other peer speaks, and nothing of this one is heard
	Played     = relay.Played     // the prompt was played to its end, or can't be
)

// Event is what was noticed on a leg of a session.
type Event struct {
	Leg      Leg
	Kind     EventKind
	Digit    Digit         // of DigitHeard
	Duration time.Duration // of DigitHeard: how long the key was held

	// Swallowed, of DigitHeard: the key was pressed while keys were swallowed, if only in part. It is not
	// for the other leg, neither with the sound nor by signalling.
	Swallowed bool

	// Withheld, of DigitHeard: the other leg has not heard the key, as Withhold has it. It may be sent it.
	Withheld bool
}

// deliver hands what the mover notices to the sessions that it is about, until the engine stops.
// Nothing here waits but for the next event.
func (e *Engine) deliver(events <-chan relay.Event) {
	for {
		select {
		case event := <-events:
			if hear := e.listener(event.Circuit); hear != nil {
				hear(Event{
					Leg: legOf(event.End), Kind: event.Kind,
					Digit: event.Digit, Duration: event.Duration, Swallowed: event.Swallowed, Withheld: event.Withheld,
				})
			}
		case <-e.stop:
			return
		}
	}
}

// listener is who hears the events of a circuit; nil: nobody.
func (e *Engine) listener(circuit uint64) func(Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.sessions[circuit]; s != nil {
		return s.events
	}
	return nil
}
