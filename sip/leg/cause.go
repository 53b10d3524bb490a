package leg

import "strconv"

// Cause is why a leg ends. It is all that one leg learns of the other's end.
type Cause uint8

// The causes.
const (
	CauseHangup      Cause = iota + 1 // a BYE
	CauseCancelled                    // a CANCEL
	CauseBusy                         // busy or declined: 486, 600, 603
	CauseNoAnswer                     // rung for as long as we ring, or 408, 480, 487
	CauseUnreachable                  // everything that says the callee can't be had: other 4xx and 6xx, 3xx
	CauseMedia                        // no way to exchange audio with the caller: an SDP we can't use
	CauseUnwilling                    // the callee does not like what we offer: 488, 606, 415, 420, 421
	CauseFailed                       // 5xx, no response, no connection
	CauseFull                         // no ports are left, or the trunk is at its limit
	CauseLost                         // an established peer no longer answers
	CauseRefused                      // we refuse the call
	CauseLoop                         // we refuse it, because it comes from one of our own DIDs
	CauseComplete                     // the interaction is complete
	CauseOperator                     // an operator hung up
	CauseShutdown                     // the daemon stops
	CauseUnproven                     // the caller was asked for a PIN, and did not enter it
	CauseOccupied                     // as many calls as may be at once are live
	CauseLimit                        // the two have talked for as long as they may
	CauseElsewhere                    // another number of the same party has answered
)

// String names the cause.
func (c Cause) String() string {
	switch c {
	case 0:
		return ""
	case CauseHangup:
		return "hangup"
	case CauseCancelled:
		return "cancelled"
	case CauseBusy:
		return "busy"
	case CauseNoAnswer:
		return "no_answer"
	case CauseUnreachable:
		return "unreachable"
	case CauseMedia:
		return "media"
	case CauseUnwilling:
		return "unwilling"
	case CauseFailed:
		return "failed"
	case CauseFull:
		return "full"
	case CauseLost:
		return "lost"
	case CauseRefused:
		return "refused"
	case CauseLoop:
		return "loop"
	case CauseComplete:
		return "complete"
	case CauseOperator:
		return "operator"
	case CauseShutdown:
		return "shutdown"
	case CauseUnproven:
		return "unproven"
	case CauseOccupied:
		return "occupied"
	case CauseLimit:
		return "limit"
	case CauseElsewhere:
		return "elsewhere"
	default:
		return "cause(" + strconv.Itoa(int(c)) + ")"
	}
}

// CauseOf returns the cause that a final response other than 2xx stands for.
func CauseOf(status int) Cause {
	switch {
	case status == 486 || status == 600 || status == 603:
		return CauseBusy
	case status == 408 || status == 480 || status == 487:
		return CauseNoAnswer
	case status == 488 || status == 606 || status == 415 || status == 420 || status == 421:
		return CauseUnwilling
	case status >= 500 && status < 600:
		return CauseFailed
	default:
		return CauseUnreachable
	}
}

// Status returns the final response that a caller is given for the cause: a
// closed table, so that what a carrier says about B never reaches A.
//
// Every refusal is the same 404. A bad number at B's carrier, a challenge, a
// redirect: all are 480, because A must not learn that B's number is bad.
// Who is a party, and has as many calls as he may have at once, is told that it
// is busy: he knows the number already.
// A call from one of our own DIDs has come back to us, and is told so: it learns
// of nothing but itself.
// A gateway's failure is 500 and not 503, which would make A's carrier mark
// the whole trunk as down (RFC 3261 section 21.5.4).
func (c Cause) Status() int {
	switch c {
	case CauseRefused, CauseUnproven:
		return 404
	case CauseLoop:
		return 482
	case CauseBusy, CauseOccupied:
		return 486
	case CauseCancelled:
		return 487
	case CauseMedia:
		return 488
	case CauseFailed, CauseLost:
		return 500
	case CauseShutdown, CauseFull:
		return 503
	default:
		return 480
	}
}

// Q850 returns the cause as ITU-T Q.850 counts them, which is what a carrier
// bills and routes by (RFC 3398 section 8.2.6.1).
func (c Cause) Q850() int {
	switch c {
	case CauseRefused:
		return 1 // unallocated number, as for 404
	case CauseUnproven:
		return 21 // call rejected
	case CauseBusy, CauseOccupied:
		return 17 // user busy
	case CauseNoAnswer:
		return 19 // no answer from user
	case CauseUnreachable, CauseUnwilling:
		return 18 // no user responding, as for 480
	case CauseMedia:
		return 88 // incompatible destination
	case CauseFailed, CauseLost:
		return 41 // temporary failure
	case CauseFull:
		return 34 // no circuit available
	case CauseElsewhere:
		return 26 // non-selected user clearing
	default:
		return 16 // normal call clearing
	}
}
