package mapping

import "strconv"

// Refusal is why a call is not connected. Callers of a DID can't tell one from
// another (promise 6); operators can.
type Refusal uint8

// The refusals. Zero is none.
const (
	// RefusalUnknown: no live interaction has this DID and caller. A completed
	// one is forgotten by the index and is unknown like any other.
	RefusalUnknown Refusal = iota + 1
	// RefusalExpired: the interaction's time is over.
	RefusalExpired
	// RefusalCompleted: the interaction was completed between the look-up and
	// the call.
	RefusalCompleted
	// RefusalNoCaller: the caller's number was withheld or can't be read.
	RefusalNoCaller
	// RefusalLoop: the caller is one of our own DIDs, or calls the same DID so
	// often at once that it must be one call, going in circles.
	RefusalLoop
	// RefusalStore: the record could not be read; in doubt no call connects.
	RefusalStore
	// RefusalEmergency: somebody called an emergency service by way of us. The
	// mask must never sit in that path.
	RefusalEmergency
	// RefusalShortCode: somebody called a service code, which is no DID.
	RefusalShortCode
	// RefusalUnverified: the trunk shows too little for the caller's number.
	RefusalUnverified
	// RefusalTarget: who is meant has a number that has become one of our DIDs.
	RefusalTarget
	// RefusalScheduled: the interaction's time has not come.
	RefusalScheduled
	// RefusalDirection: this party of the interaction may not call the other.
	RefusalDirection
	// RefusalPIN: the caller was asked for a PIN and did not enter the right one,
	// or has lately entered so many wrong ones that it is not asked.
	RefusalPIN
	// RefusalBusy: as many calls as may be at once are live. The caller is known
	// to be a party, and is told that it is busy.
	RefusalBusy
	// RefusalSpent: the interaction has had all the calls that it may have.
	RefusalSpent
	// RefusalBlocked: one of the two is on the block list, or both as a pair.
	RefusalBlocked
	// RefusalQuiet: who is called does not want to be reached now.
	RefusalQuiet
	// RefusalOutsideHours: the party that is called may not be reached at this
	// time.
	RefusalOutsideHours
	// RefusalHook: the decision hook has refused the call, or has given no valid
	// answer in time.
	RefusalHook
	// RefusalExtension: the caller was asked for an extension and keyed in none
	// that reaches anybody, or there were so many wrong ones that he is not asked.
	RefusalExtension
	// RefusalCallback: a party who is reached by strangers calls its own DID, and
	// there is nobody whom it could call back.
	RefusalCallback
	// RefusalWithheld: whoever calls the DID reaches a party, but for those who
	// withhold their numbers. They are answered for, and nothing else becomes of them.
	RefusalWithheld
	// RefusalAllotment: there have been as many calls as there may be in so many
	// hours, of one of the two numbers, to the DID or of the tenant.
	RefusalAllotment
)

// String returns the refusal as CDRs and the API write it; empty for none.
func (r Refusal) String() string {
	name, _ := r.words()
	return name
}

// Meaning returns what the refusal means, for operators; empty for none.
func (r Refusal) Meaning() string {
	_, meaning := r.words()
	return meaning
}

// words are the name of the refusal, for programs, and what it means, for people.
func (r Refusal) words() (name, meaning string) {
	switch r {
	case 0:
		return "", ""
	case RefusalUnknown:
		return "unknown", "no live interaction has this DID and caller"
	case RefusalExpired:
		return "expired", "the interaction's time is over"
	case RefusalCompleted:
		return "completed", "the interaction is complete"
	case RefusalNoCaller:
		return "no_caller", "the caller's number is withheld or can't be read"
	case RefusalLoop:
		return "loop", "the caller is one of our own DIDs, or the call goes in circles"
	case RefusalStore:
		return "store", "the interaction's record can't be read, or its DIDs are no longer configured: in doubt no call connects"
	case RefusalEmergency:
		return "emergency", "emergency services are never called by way of us"
	case RefusalShortCode:
		return "short_code", "this is a service code and no DID"
	case RefusalUnverified:
		return "unverified", "the trunk shows too little for the caller's number"
	case RefusalTarget:
		return "own_target", "the other party's number has become one of our DIDs"
	case RefusalScheduled:
		return "scheduled", "the interaction's time has not come"
	case RefusalDirection:
		return "direction", "this party may not call the other"
	case RefusalPIN:
		return "pin", "the caller did not enter the right PIN, or has tried too often"
	case RefusalBusy:
		return "busy", "as many calls as may be at once are live: of the interaction, of one of the two numbers, or to the DID"
	case RefusalSpent:
		return "spent", "the interaction, or the party that calls, has had its max_calls"
	case RefusalBlocked:
		return "blocked", "the caller or the party that it calls is on the block list"
	case RefusalQuiet:
		return "do_not_disturb", "the party that is called does not want to be disturbed"
	case RefusalOutsideHours:
		return "outside_hours", "the other party may not be reached at this time"
	case RefusalHook:
		return "hook", "the decision hook has refused the call, has given no valid answer in time, or has picked whom nobody may ring any more"
	case RefusalExtension:
		return "extension", "the caller keyed in no extension that reaches anybody, or too many wrong ones were tried"
	case RefusalCallback:
		return "callback", "nobody has called whom the party could call back, or it is not to call back"
	case RefusalWithheld:
		return "withheld", "the party that anybody may call takes no calls of those who withhold their numbers"
	case RefusalAllotment:
		return "allotment", "in the hours that count there have been all the calls that may be: of one of the two numbers, to the DID or of the tenant"
	default:
		unknown := "refusal(" + strconv.Itoa(int(r)) + ")"
		return unknown, unknown
	}
}

// OfStranger reports whether the caller was refused because he is nobody's party,
// or nobody's any more, so that the pool of the DID may say what becomes of him.
func (r Refusal) OfStranger() bool {
	return r == RefusalUnknown || r == RefusalNoCaller || r == RefusalExpired || r == RefusalCompleted
}
