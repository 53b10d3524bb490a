package media

import (
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

	// Guarded by mu.
	mu      sync.Mutex
	legs    [2]*negotiation
	bridged bool
	closed  bool
	stats   Stats // once closed
}

// Receive takes the peer's offer on a leg and keeps it for Answer. On error the leg is as
// before. Errors: ErrMalformed, ErrNotAudio, ErrNoCodec, ErrAddress, ErrClosed.
func (s *Session) Receive(leg Leg, offer []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return s.leg(leg).receive(offer)
}

// Answer gives our answer to the offer received last, and the leg has then agreed. The answer
// has the codec that the other leg settled on if this peer can, else the first of ours that it
// can. Asked again before the next Receive, it gives the same answer.
// Errors: ErrNoOffer, ErrClosed.
func (s *Session) Answer(leg Leg) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	answer, err := s.leg(leg).answer(s.leg(leg.Other()).agreed.Audio)
	if err != nil {
		return nil, err
	}
	s.install()
	return answer, nil
}

// Offer gives our offer on a leg: always the same codecs in the same order, whatever the other
// leg says. It may be asked for repeatedly.
func (s *Session) Offer(leg Leg) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leg(leg).offer()
}

// Accept takes the peer's answer to our offer, and the leg has then agreed. A later answer to
// the same offer takes the place of the one before. On error the leg is as before.
// Errors: ErrNoOffer, ErrMalformed, ErrNotAudio, ErrNoCodec, ErrAddress, ErrClosed.
func (s *Session) Accept(leg Leg, answer []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.leg(leg).accept(answer, s.leg(leg.Other()).agreed.Audio); err != nil {
		return err
	}
	s.install()
	return nil
}

// Bridge lets sound pass, as far as both legs have agreed and whenever they do. After Cut it
// has no effect.
func (s *Session) Bridge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bridged = true
	s.install()
}

// Cut ends the sound for good: when it returns, no packet is sent on either leg any more.
func (s *Session) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.engine.mover.Remove(s.circuit)
}

// Close cuts, gives the ports back to rest and tells what passed. It may be called again and
// tells the same.
func (s *Session) Close() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.stats
	}
	s.closed = true
	s.stats = Stats{Legs: s.engine.mover.Release(s.circuit)}
	s.engine.forget(s)
	return s.stats
}

// install tells the mover what the legs have agreed on, once sound may pass. After Cut the mover
// takes no more of it: what is removed there is removed for good. The caller holds mu.
func (s *Session) install() {
	a, b := s.leg(A), s.leg(B)
	if !s.bridged || !a.settled || !b.settled {
		return
	}
	s.engine.mover.Install(s.circuit, relay.Flow{Ends: [2]relay.End{a.agreed, b.agreed}})
}

func (s *Session) leg(leg Leg) *negotiation { return s.legs[leg.end()] }
