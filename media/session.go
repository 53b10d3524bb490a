package media

import (
	"cmp"
	"fmt"
	"sync"

	"maskd/media/relay"
)

// Session is the sound of one call with its two legs. It is safe for concurrent use.
//
// Each leg negotiates on its own (RFC 3264), again and again if need be: Receive then Answer
// where the peer offers, Offer then Accept where we do. What a leg has agreed on holds until
// its next Answer or Accept; an offer that comes to nothing changes nothing.
type Session struct {
	engine  *Engine
	circuit relay.Circuit
	events  func(Event) // nil: nobody listens

	// Guarded by mu.
	mu       sync.Mutex
	legs     [2]*negotiation
	first    [2]negotiation // what the legs begin with, all in one piece
	rivals   []rival        // for leg B
	swallow  [2]bool        // by leg
	withheld [2]Keys        // by leg
	passes   [2]bool        // sound of the leg may pass to the other
	engaged  bool           // prompts and keys may pass to and from each leg
	parted   bool           // no sound passes between the legs any more
	cut      bool           // no sound passes any more
	closed   bool
	final    *Stats // what passed; once closed
}

// Format shows the ports only, whatever the verb: inside are keys.
func (s *Session) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "session on ports %v", s.circuit.Ports)
}

// Consider tells what the peer wants to send and receive by an offer, and whether Receive would
// take it. It changes nothing.
// Errors: ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress.
func (s *Session) Consider(leg Leg, offer []byte) (Direction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.leg(leg).consider(offer, s.leg(leg.Other()).far())
	return d.direction, err
}

// Receive takes the peer's offer on a leg and keeps it for Answer. On error the leg is as
// before. Errors: ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress, ErrClosed.
func (s *Session) Receive(leg Leg, offer []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return s.leg(leg).receive(offer, s.leg(leg.Other()).far())
}

// Answer gives our answer to the offer received last, and the leg has then agreed. The answer
// has the codec that the other leg settled on if this peer can, else the first of ours that it
// can and that can be turned into the other leg's. Asked again before the next Receive, it gives
// the same answer. Errors: ErrNoOffer, ErrNoCodec, ErrClosed.
func (s *Session) Answer(leg Leg) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	answer, err := s.leg(leg).answer(s.leg(leg.Other()).far())
	if err != nil {
		return nil, err
	}
	s.install()
	return answer, nil
}

// Offer gives our offer on a leg: its codecs in their order. G.711 and events are always offered,
// whatever the other leg says; of other codecs those that the other leg has. It may be asked for
// repeatedly.
func (s *Session) Offer(leg Leg) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	offer, err := s.leg(leg).offer(s.leg(leg.Other()).far())
	if err != nil {
		return nil // no state of ours leads there
	}
	return offer
}

// Accept takes the peer's answer to our offer, and the leg has then agreed. A later answer to
// the same offer takes the place of the one before, but can't go back to a cipher that another
// answer to it left: that is ErrCrypto. On error the leg is as before.
// Errors: ErrNoOffer, ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress, ErrClosed.
func (s *Session) Accept(leg Leg, answer []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.leg(leg).accept(answer, s.leg(leg.Other()).far()); err != nil {
		return err
	}
	s.install()
	return nil
}

// Restart forgets what a leg has offered and agreed on, for another peer: that one is offered a
// session and keys of its own, and is heard at other ports where it is of another family of IP; zero: of the
// same. On error the leg is as before.
// Errors: ErrNoPorts, ErrClosed, or what the system or the source of randomness said.
func (s *Session) Restart(leg Leg, family Family) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, end := s.leg(leg), leg.end()
	id, err := s.engine.identity(old.options)
	if err != nil {
		return err
	}
	at := s.engine.reach.leg(cmp.Or(family, old.reach[0].family()))
	if at[0] != old.reach[0] {
		if s.circuit, err = s.engine.mover.Rebind(s.circuit, end, at[0].family()); err != nil {
			return fmt.Errorf("reserve other ports: %w", err)
		}
	}
	s.legs[end] = newNegotiation(id.local(at, s.circuit.Ports[end]), at, old.options, id.secret)
	return nil
}

// Simplify lets the next offers on a leg hold nothing but plain G.711 and events, for a peer that
// does not like what it was offered. It reports false if they held no more before, or are not
// allowed to hold so little.
func (s *Session) Simplify(leg Leg) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leg(leg)
	plain, ok := l.options.plain()
	if ok {
		l.options = plain
	}
	return ok
}

// Bridge lets sound pass, as far as both legs have agreed and whenever they do. After Cut it
// has no effect.
func (s *Session) Bridge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes = [2]bool{true, true}
	s.install()
}

// Preview lets the sound of a leg pass to the other one, and not back: before the answer. After
// Cut it has no effect.
func (s *Session) Preview(leg Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes[leg.end()] = true
	s.install()
}

// Part ends the sound between the legs for good: when it returns, no packet of one reaches the
// other any more, nor a key that waits to be sent on. Each may still be played to.
func (s *Session) Part() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parted = true
	s.engage()
	s.engine.mover.Clear(s.circuit)
}

// Cut ends the sound for good: when it returns, no packet is sent on either leg any more.
func (s *Session) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
	s.engine.mover.Remove(s.circuit)
}

// Close cuts, gives the ports back to rest and tells what passed. It may be called again and
// tells the same.
func (s *Session) Close() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return *s.final
	}
	s.closed = true
	for i := range s.rivals {
		s.dismiss(&s.rivals[i])
	}
	s.final = &Stats{Legs: s.engine.mover.Release(s.circuit)}
	s.engine.forget(s)
	return *s.final
}

// Wants tells what a leg's peer wants to send and receive: less than both is a hold.
func (s *Session) Wants(leg Leg) Direction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leg(leg).wants
}

// Stats tells what has passed so far.
func (s *Session) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return *s.final
	}
	return Stats{Legs: s.engine.mover.Stats(s.circuit)}
}

// install tells the mover what the legs have agreed on, once there is anything to move. After
// Cut the mover takes no more of it: what is removed there is removed for good. The caller holds mu.
func (s *Session) install() {
	var flow relay.Flow
	for i, leg := range s.legs {
		flow.Ends[i] = leg.agreed
		flow.Ends[i].Swallow = s.swallow[i] && leg.settled
		flow.Ends[i].Withholds = s.withheld[i]
		flow.Ends[i].Speaks = leg.agreed.Speaks && s.passes[i] && !s.parted
	}
	both := s.legs[0].settled && s.legs[1].settled
	either := s.legs[0].settled || s.legs[1].settled
	if (s.passes[0] || s.passes[1]) && both || s.engaged && either {
		s.engine.mover.Install(s.circuit, flow)
	}
}

func (s *Session) leg(leg Leg) *negotiation {
	if leg > B {
		return s.rivals[leg-firstRival].negotiation
	}
	return s.legs[leg.end()]
}
