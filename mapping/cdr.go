package mapping

import (
	"strconv"
	"time"
)

// CDR is the call detail record: exactly one for every INVITE that passed
// admission, and for every call that we began. It is written when the call is admitted, again when it is
// answered, and last when it has ended; each writing replaces the one before.
type CDR struct {
	Call        ID
	Tenant      Tenant // of the interaction, or else of the DID
	Interaction ID     // zero if the caller is no party of a live one
	CallerSide  Side   // the side that called, or was rung first; zero if none
	Originated  bool   // we began the call: the caller was rung too, on TrunkIn, and has seen DID
	Caller      Number
	Doubted     bool      // the trunk showed too little for that number: it may be anybody's
	Target      Number    // who was reached, or where nobody was, who was rung last
	Tried       int       // how many of the party's numbers were rung
	Diverted    Diversion // why the party's fallback was rung; zero: it was not
	Redirected  bool      // the caller was no party, and sent to where the pool of the DID says
	DID         DID       // what the caller dialled
	Shown       DID       // what the target saw
	TrunkIn     string
	TrunkOut    string

	AdmittedAt time.Time
	AnsweredAt time.Time // when B answered; zero if nobody did
	EndedAt    time.Time // zero while the call lives, and for ever if the daemon died with it

	Outcome Outcome
	Refusal Refusal // with OutcomeRefused: why
	EndedBy EndedBy
	Status  int // the final SIP status that the caller was given, 0 if none or if we rang him

	Record             Recording // how it was to be recorded; 0: not at all, or nobody answered
	Recorded           bool      // something of it was
	ConsentA, ConsentB Answer    // what the parties said to that
}

// Talked returns how long the two were connected. It is 0 for a call that was
// not answered, and for one whose end is unknown.
func (c *CDR) Talked() time.Duration {
	if c.AnsweredAt.IsZero() || c.EndedAt.IsZero() {
		return 0
	}
	return c.EndedAt.Sub(c.AnsweredAt)
}

// Outcome is how a call went.
type Outcome uint8

// The outcomes.
const (
	OutcomeLive        Outcome = iota + 1 // not over yet
	OutcomeAnswered                       // the two talked
	OutcomeBusy                           // B was busy or declined
	OutcomeNoAnswer                       // B was rung and did not answer
	OutcomeCancelled                      // ended before an answer: by the caller, a complete, an operator
	OutcomeRefused                        // no one was rung: see Refusal
	OutcomeFailed                         // the network, a gateway or the media failed
	OutcomeInterrupted                    // the daemon died during the call
)

// String returns the outcome as CDRs and the API write it.
func (o Outcome) String() string {
	switch o {
	case OutcomeLive:
		return "live"
	case OutcomeAnswered:
		return "answered"
	case OutcomeBusy:
		return "busy"
	case OutcomeNoAnswer:
		return "no_answer"
	case OutcomeCancelled:
		return "cancelled"
	case OutcomeRefused:
		return "refused"
	case OutcomeFailed:
		return "failed"
	case OutcomeInterrupted:
		return "interrupted"
	default:
		return "outcome(" + strconv.Itoa(int(o)) + ")"
	}
}

// EndedBy is who or what ended a call.
type EndedBy uint8

// Who can end a call. Zero is nobody yet.
const (
	EndedByCaller   EndedBy = iota + 1 // hung up or cancelled
	EndedByCallee                      // hung up, declined or was busy
	EndedByComplete                    // the interaction was completed
	EndedByOperator                    // an operator hung it up
	EndedByTimeout                     // ring time-out, or a peer that no longer answers
	EndedByFailure                     // a gateway, a trunk or the media
	EndedByPolicy                      // refused
	EndedByShutdown                    // the daemon was stopped
	EndedByCrash                       // the daemon died
	EndedByLimit                       // it had lasted for as long as it may
)

// String returns the value as CDRs and the API write it; empty for nobody.
func (e EndedBy) String() string {
	switch e {
	case 0:
		return ""
	case EndedByCaller:
		return "caller"
	case EndedByCallee:
		return "callee"
	case EndedByComplete:
		return "complete"
	case EndedByOperator:
		return "operator"
	case EndedByTimeout:
		return "timeout"
	case EndedByFailure:
		return "failure"
	case EndedByPolicy:
		return "policy"
	case EndedByShutdown:
		return "shutdown"
	case EndedByCrash:
		return "crash"
	case EndedByLimit:
		return "limit"
	default:
		return "ended_by(" + strconv.Itoa(int(e)) + ")"
	}
}
