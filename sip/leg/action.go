package leg

import (
	"strconv"
	"time"
)

// Action is one thing that a leg wants done, in the order given.
type Action struct {
	Do    Verb
	Timer Timer         // with StartTimer, StopTimer
	After time.Duration // with StartTimer
	Event Event         // with Tell
	Cause Cause         // with SendFinal: its status; with SendBye, SendCancel: why
	Digit Digit         // with SendDigit
}

// Verb is what to do.
type Verb uint8

// The verbs. All but the last three put a message on the wire.
const (
	SendRinging  Verb = iota + 1 // UAS: 180
	SendProgress                 // UAS: 183, without a body
	SendOK                       // UAS: 200 with our SDP
	ResendOK                     // UAS: the same 200 again
	SendFinal                    // UAS: the status of Cause
	SendInvite                   // UAC: INVITE with our SDP, to the next gateway
	SendAck                      // UAC: ACK to a 2xx
	SendCancel                   // UAC: CANCEL
	SendBye                      // both: BYE
	AcceptBye                    // both: 200 to a BYE
	SendDigit                    // both: a digit, in the sound or by INFO
	StartTimer                   // start or restart Timer
	StopTimer                    // stop Timer
	Tell                         // tell the other leg, and the call
)

// String names the verb.
func (v Verb) String() string {
	names := [...]string{
		SendRinging: "send 180", SendProgress: "send 183", SendOK: "send 200", ResendOK: "resend 200",
		SendFinal: "send final", SendInvite: "send INVITE", SendAck: "send ACK", SendCancel: "send CANCEL",
		SendBye: "send BYE", AcceptBye: "accept BYE", SendDigit: "send digit", StartTimer: "start timer", StopTimer: "stop timer", Tell: "tell",
	}
	if int(v) < len(names) && names[v] != "" {
		return names[v]
	}
	return "verb(" + strconv.Itoa(int(v)) + ")"
}

// Timer names a timer of a leg. Its owner keeps one of each per leg.
type Timer uint8

// The timers.
const (
	TimerResend Timer = iota + 1 // UAS: the 2xx is sent again
	TimerAck                     // UAS: the ACK does not come
	TimerCancel                  // UAC: the final response after CANCEL does not come
	Timers                       // how many there are, plus one
)

// The protocol's times (RFC 3261 table 4).
const (
	T1 = 500 * time.Millisecond
	T2 = 4 * time.Second
	// patience is how long a peer has for what it owes us.
	patience = 64 * T1
)

func start(t Timer, after time.Duration) Action {
	return Action{Do: StartTimer, Timer: t, After: after}
}
func stop(t Timer) Action     { return Action{Do: StopTimer, Timer: t} }
func tell(k EventKind) Action { return Action{Do: Tell, Event: Event{Kind: k}} }
func pressed(d Digit) Action {
	return Action{Do: Tell, Event: Event{Kind: Pressed, Digit: d}}
}
func released(c Cause) Action {
	return Action{Do: Tell, Event: Event{Kind: Released, Cause: c}}
}

// Fired returns the input for this timer's running out.
func (t Timer) Fired() Input {
	return Input{Kind: [Timers]InputKind{TimerResend: ResendFired, TimerAck: AckFired, TimerCancel: CancelFired}[t]}
}
