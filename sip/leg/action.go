package leg

import (
	"strconv"
	"time"
)

// Action is one thing that a leg wants done, in the order given.
type Action struct {
	Do       Verb
	Timer    Timer         // with StartTimer, StopTimer
	Cause    Cause         // with SendFinal: its status; with SendBye, SendCancel: why
	Body     Body          // with what puts an SDP on the wire: which
	Reliable bool          // with SendRinging, SendProgress: to be answered with PRACK
	Status   int           // with RefuseChange: the status
	After    time.Duration // with StartTimer
	Spread   time.Duration // with StartTimer: up to so much later, at random
	Event    Event         // with Tell
	Digit    Digit         // with SendDigit
}

// Verb is what to do.
type Verb uint8

// The verbs. All but the last three put a message on the wire.
const (
	SendRinging  Verb = iota + 1 // UAS: 180
	SendProgress                 // UAS: 183
	ResendEarly                  // UAS: the reliable 18x again
	AcceptPrack                  // UAS: 200 to a PRACK
	SendOK                       // UAS: 200
	ResendOK                     // UAS: the same 200 again
	SendFinal                    // UAS: the status of Cause
	SendInvite                   // UAC: INVITE with our SDP, to the next gateway
	SendAgain                    // UAC: INVITE with our SDP, to the same gateway, as it asks for
	SendPrack                    // UAC: PRACK to a reliable 18x
	SendAck                      // UAC: ACK to a 2xx
	SendCancel                   // UAC: CANCEL
	SendBye                      // both: BYE
	AcceptBye                    // both: 200 to a BYE
	SendChange                   // both: re-INVITE with our SDP
	SendRefresh                  // both: UPDATE without a body, or a re-INVITE that changes nothing
	AckChange                    // both: ACK to the 2xx to a re-INVITE of ours
	AcceptChange                 // both: 200 to the peer's re-INVITE or UPDATE
	ResendChange                 // both: the 200 to its re-INVITE again
	RefuseChange                 // both: Status to the peer's re-INVITE or UPDATE
	SendDigit                    // both: a digit, in the sound or by INFO
	StartTimer                   // start or restart Timer
	StopTimer                    // stop Timer
	Tell                         // tell the other leg, and the call
)

// String names the verb.
func (v Verb) String() string {
	names := [...]string{
		SendRinging: "send 180", SendProgress: "send 183", ResendEarly: "resend 18x", AcceptPrack: "accept PRACK",
		SendOK: "send 200", ResendOK: "resend 200", SendFinal: "send final",
		SendInvite: "send INVITE", SendAgain: "send INVITE again", SendPrack: "send PRACK", SendAck: "send ACK", SendCancel: "send CANCEL",
		SendBye: "send BYE", AcceptBye: "accept BYE",
		SendChange: "send change", SendRefresh: "send refresh", AckChange: "ack change", AcceptChange: "accept change",
		ResendChange: "resend change", RefuseChange: "refuse change",
		SendDigit: "send digit", StartTimer: "start timer", StopTimer: "stop timer", Tell: "tell",
	}
	if int(v) < len(names) && names[v] != "" {
		return names[v]
	}
	return "verb(" + strconv.Itoa(int(v)) + ")"
}

func tell(k EventKind) Action { return Action{Do: Tell, Event: Event{Kind: k}} }
func pressed(d Digit) Action {
	return Action{Do: Tell, Event: Event{Kind: Pressed, Digit: d}}
}
func released(c Cause) Action {
	return Action{Do: Tell, Event: Event{Kind: Released, Cause: c}}
}
func bye(c Cause) Action         { return Action{Do: SendBye, Cause: c} }
func refuse(status int) Action   { return Action{Do: RefuseChange, Status: status} }
func acceptChange(b Body) Action { return Action{Do: AcceptChange, Body: b} }
