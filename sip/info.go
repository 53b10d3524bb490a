package sip

import (
	"sync"
	"time"

	"maskd/mapping"
	"maskd/media"
)

// CallInfo is what operators see of a live call. There is no number in it.
type CallInfo struct {
	ID          mapping.ID
	Tenant      mapping.Tenant // of the interaction; zero until the call is routed
	Interaction mapping.ID     // zero until the call is routed
	CallerSide  mapping.Side
	DID         mapping.DID // what the caller dialled, or, if we began the call, sees
	Shown       mapping.DID // what the callee sees
	State       string      // "calling", "routing", "proving", "ringing", "talking" or "ending"
	Originated  bool        // we began it
	StartedAt   time.Time
	AnsweredAt  time.Time // zero if not answered
	TrunkIn     string
	TrunkOut    string
	Sound       *media.Stats // what has passed so far; nil until the call is routed
}

// board shows others a call as it is. Only the call writes on it. Safe for use by many
// goroutines.
type board struct {
	mu   sync.Mutex
	info CallInfo // without its sound
}

// read returns what is on the board.
func (b *board) read() CallInfo {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.info
}

// ends reports whether the call only says goodbye.
func (b *board) ends() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.info.State == ending
}

// read returns the call as it is now.
func (c *call) read() CallInfo {
	info := c.board.read()
	if session := c.sound.Load(); session != nil {
		stats := session.Stats()
		info.Sound = &stats
	}
	return info
}

// publish lets others see the call as it is now.
func (c *call) publish() {
	state, was := c.state.name(), &c.board.info // which nobody else writes
	if was.State == state && was.Interaction == c.cdr.Interaction && was.Shown == c.cdr.Shown {
		return
	}
	c.board.mu.Lock()
	defer c.board.mu.Unlock()
	c.board.info = CallInfo{
		ID: c.id, Tenant: c.cdr.Tenant, Interaction: c.cdr.Interaction, CallerSide: c.cdr.CallerSide,
		Originated: c.cdr.Originated, DID: c.cdr.DID, Shown: c.cdr.Shown, State: state,
		StartedAt: c.cdr.AdmittedAt, AnsweredAt: c.cdr.AnsweredAt,
		TrunkIn: c.cdr.TrunkIn, TrunkOut: c.cdr.TrunkOut,
	}
}

// ending is the state of a call that only says goodbye.
const ending = "ending"

// name returns the state as operators know it, derived from the legs.
func (s State) name() string {
	switch {
	case s.End.Outcome != 0:
		return ending
	case s.Bridge == BridgeOpen:
		return "talking"
	case s.Originated && !s.Answered:
		return "calling"
	case s.Proof == ProofAsked:
		return "proving"
	case s.Hunt.Dealt > 0:
		return "ringing"
	default:
		return "routing"
	}
}
