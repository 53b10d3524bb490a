package leg

import "strconv"

// Input is what happens to a leg: from the wire, from a clock, or from the
// call it belongs to.
type Input struct {
	Kind     InputKind
	Cause    Cause        // with Release and GotFinal: why
	Body     Body         // of a message from the wire
	Flow     Flow         // with a body: whether the peer puts the call on hold
	Early    bool         // with Ring, Advance, GotRinging, GotProgress: there is sound to be heard already
	Reliable bool         // with GotRinging, GotProgress: it wants a PRACK
	Digit    Digit        // with Press and GotDigit
	Timer    SessionTimer // with GotOK, GotReinvite, GotUpdate, GotChanged: what holds from now
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
	Change                       // offer the peer what the sound is now

	// From the wire, on a UAS.
	GotCancel // CANCEL; the transaction has already answered it and sent 487
	GotPrack  // PRACK to the 18x that waits for it
	GotAck    // ACK to our 2xx

	// From the wire, on a UAC.
	GotTrying   // 100
	GotRinging  // 180
	GotProgress // every other 1xx
	GotOK       // 2xx, first or repeated, and there is an SDP that we can use
	GotBadOK    // 2xx, and there is none
	GotRetry    // 401, 407 or 422, and we can give the gateway what it asks for; Cause if we may not
	GotFinal    // 300 to 699 but 503: the callee's own answer
	GotFailure  // the gateway did not take the call: 503, no response, no connection

	// From the wire, on both.
	GotBye       // BYE
	ByeOver      // our BYE was answered, or never will be
	GotDigit     // the peer pressed a key
	GotReinvite  // the peer's re-INVITE
	GotChangeAck // ACK to our 2xx to its re-INVITE
	GotUpdate    // its UPDATE
	GotChanged   // 2xx to our re-INVITE or UPDATE, first or repeated
	GotGlare     // 491 to it: the peer had sent one too
	GotRefused   // any other final response to it, but for
	GotGone      // 481, 408 or none at all: the peer knows the dialog no longer

	// From a clock: a timer that the leg has started has run out.
	ResendFired
	AckFired
	EarlyFired   // UAS
	PrackFired   // UAS
	GatewayFired // UAC
	CancelFired  // UAC
	GlareFired
	RefreshFired
	ExpireFired
)

// String names the input.
func (k InputKind) String() string {
	names := [...]string{
		Invite: "invite", Ring: "ring", Advance: "advance", Answer: "answer", Release: "release", Press: "press", Change: "change",
		GotCancel: "CANCEL", GotPrack: "PRACK", GotAck: "ACK", GotTrying: "100", GotRinging: "180", GotProgress: "183",
		GotOK: "200", GotBadOK: "200 (bad SDP)", GotRetry: "retry", GotFinal: "final", GotFailure: "failure",
		GotBye: "BYE", ByeOver: "BYE over", GotDigit: "digit", GotReinvite: "re-INVITE", GotChangeAck: "ACK to change",
		GotUpdate: "UPDATE", GotChanged: "200 to change", GotGlare: "491 to change", GotRefused: "change refused", GotGone: "481 to change",
		ResendFired: "timer resend", AckFired: "timer ack", EarlyFired: "timer early", PrackFired: "timer prack",
		GatewayFired: "timer gateway", CancelFired: "timer cancel", GlareFired: "timer glare",
		RefreshFired: "timer refresh", ExpireFired: "timer expire",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return "input(" + strconv.Itoa(int(k)) + ")"
}
