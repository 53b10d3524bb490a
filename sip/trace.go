package sip

import (
	"strconv"
	"sync"
	"time"

	"maskd/mapping"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// traced is how many messages are remembered: those of the latest 4,000 calls or
// so, in 3 MB.
const traced = 1 << 16

// Crossing is a message that crossed between a call and the network: which one it
// was, and nothing of what it said.
type Crossing struct {
	At     time.Time
	OnB    bool   // on leg B
	Sent   bool   // by us
	Method string // of the request, or of the one that is answered
	Status int    // of a response; 0: a request
	SDP    bool   // it had one
}

// String names the message as people do.
func (c Crossing) String() string {
	name := c.Method
	switch {
	case c.Status != 0 && c.Method == "INVITE":
		name = strconv.Itoa(c.Status)
	case c.Status != 0:
		name = strconv.Itoa(c.Status) + " (" + c.Method + ")"
	}
	if c.SDP {
		name += ", SDP"
	}
	return name
}

// trace remembers what crossed latest, of all calls. It is written by each call's
// goroutine and costs it a lock and a copy.
type trace struct {
	mu   sync.Mutex
	ring []step
	next int
}

// step is a crossing as a call knows of it.
type step struct {
	call   mapping.ID
	at     int64 // in nanoseconds of Unix time
	on     Target
	heard  leg.InputKind // one of these two
	sent   leg.Verb
	sdp    bool
	status uint16
}

func newTrace(size int) *trace { return &trace{ring: make([]step, size)} }

func (t *trace) put(s step) {
	t.mu.Lock()
	t.ring[t.next] = s
	t.next = (t.next + 1) % len(t.ring)
	t.mu.Unlock()
}

// of returns what is remembered of a call, in order.
func (t *trace) of(call mapping.ID) []Crossing {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []Crossing
	for i := range t.ring {
		if s := &t.ring[(t.next+i)%len(t.ring)]; s.call == call && !call.IsZero() {
			if c, ok := s.crossing(); ok {
				found = append(found, c)
			}
		}
	}
	return found
}

// heard takes note of a signal of a leg.
func (t *trace) heard(call mapping.ID, on Target, kind leg.InputKind, s *edge.Signal, now time.Time) {
	t.put(step{call: call, at: now.UnixNano(), on: on, heard: kind, sdp: len(s.SDP) > 0, status: uint16(s.Status())})
}

// said takes note of what a leg sends.
func (t *trace) said(call mapping.ID, on Target, act leg.Action, sdp []byte, now time.Time) {
	status := act.Status
	if act.Do == leg.SendFinal {
		status = act.Cause.Status()
	}
	t.put(step{call: call, at: now.UnixNano(), on: on, sent: act.Do, sdp: len(sdp) > 0, status: uint16(status)})
}

// crossing returns the message; false if nothing crossed.
func (s *step) crossing() (Crossing, bool) {
	method, status := s.incoming()
	if s.sent != 0 {
		method, status = s.outgoing()
	}
	return Crossing{time.Unix(0, s.at).UTC(), s.on >= LegB, s.sent != 0, method, status, s.sdp}, method != ""
}

// incoming is the message that an input came with: its method, and the status if
// it is a response.
func (s *step) incoming() (method string, status int) {
	switch s.heard {
	case leg.GotCancel:
		return "CANCEL", 0
	case leg.GotPrack:
		return "PRACK", 0
	case leg.GotAck, leg.GotChangeAck:
		return "ACK", 0
	case leg.GotTrying, leg.GotRinging, leg.GotProgress, leg.GotOK, leg.GotBadOK, leg.GotRetry, leg.GotFinal, leg.GotFailure:
		return responded("INVITE", int(s.status))
	case leg.GotBye:
		return "BYE", 0
	case leg.ByeOver:
		return responded("BYE", int(s.status))
	case leg.GotDigit:
		return "INFO", 0
	case leg.GotReinvite:
		return "INVITE", 0
	case leg.GotUpdate:
		return "UPDATE", 0
	case leg.GotChanged, leg.GotGlare, leg.GotRefused, leg.GotGone:
		return responded("INVITE", int(s.status))
	default:
		return "", 0
	}
}

// responded is a response, or nothing where none came.
func responded(method string, status int) (string, int) {
	if status == 0 {
		return "", 0
	}
	return method, status
}

// outgoing is the message that an action puts on the wire. A refresh is an UPDATE
// here, whether the peer takes it or is sent an INVITE instead.
func (s *step) outgoing() (method string, status int) {
	switch s.sent {
	case leg.SendRinging:
		return "INVITE", 180
	case leg.SendProgress, leg.ResendEarly:
		return "INVITE", 183
	case leg.AcceptPrack:
		return "PRACK", 200
	case leg.SendOK, leg.ResendOK, leg.AcceptChange, leg.ResendChange:
		return "INVITE", 200
	case leg.SendFinal, leg.RefuseChange:
		return "INVITE", int(s.status)
	case leg.SendInvite, leg.SendAgain, leg.SendChange:
		return "INVITE", 0
	case leg.SendPrack:
		return "PRACK", 0
	case leg.SendAck, leg.AckChange:
		return "ACK", 0
	case leg.SendCancel:
		return "CANCEL", 0
	case leg.SendBye:
		return "BYE", 0
	case leg.AcceptBye:
		return "BYE", 200
	case leg.SendRefresh:
		return "UPDATE", 0
	case leg.SendDigit:
		return "INFO", 0
	default:
		return "", 0
	}
}

// Trace returns what crossed of a call, live or over, as far as it is remembered.
func (b *B2BUA) Trace(id mapping.ID) []Crossing { return b.trace.of(id) }
