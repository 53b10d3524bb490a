package leg

import "strconv"

// Input is what happens to a leg: from the wire, from a clock, or from the
// call it belongs to.
type Input struct {
	Kind  InputKind
	Cause Cause // with Release and GotFinal: why
	Digit Digit // with Press and GotDigit
}

// InputKind is what happened.
type InputKind uint8

// The inputs.
const (
	// From the call.
	Invite  InputKind = iota + 1 // UAC: send the INVITE
	Ring                         // UAS: tell the caller that it rings
	Advance                      // UAS: tell the caller of progress
	Answer                       // UAS: answer the caller
	Release                      // end the leg, in whatever state it is
	Press                        // tell the peer of a digit

	// From the wire, on a UAS.
	GotCancel // CANCEL; the transaction has already answered it and sent 487
	GotAck    // ACK to our 2xx

	// From the wire, on a UAC.
	GotTrying   // 100
	GotRinging  // 180
	GotProgress // every other 1xx
	GotOK       // 2xx with an SDP we can use, first or repeated
	GotBadOK    // 2xx with an SDP we can't use
	GotFinal    // 300 to 699 but 503: the callee's own answer
	GotFailure  // the gateway did not take the call: 503, no response, no connection

	// From the wire, on both.
	GotBye   // BYE
	ByeOver  // our BYE was answered, or never will be
	GotDigit // the peer pressed a key

	// From a clock: a timer that the leg has started has run out.
	ResendFired // UAS
	AckFired    // UAS
	CancelFired // UAC
)

// String names the input.
func (k InputKind) String() string {
	names := [...]string{
		Invite: "invite", Ring: "ring", Advance: "advance", Answer: "answer", Release: "release",
		GotCancel: "CANCEL", GotAck: "ACK", GotTrying: "100", GotRinging: "180", GotProgress: "183",
		GotOK: "200", GotBadOK: "200 (bad SDP)", GotFinal: "final", GotFailure: "failure",
		GotBye: "BYE", ByeOver: "BYE over", Press: "press", GotDigit: "digit",
		ResendFired: "timer resend", AckFired: "timer ack", CancelFired: "timer cancel",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return "input(" + strconv.Itoa(int(k)) + ")"
}
