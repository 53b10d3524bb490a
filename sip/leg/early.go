package leg

import "time"

// Asks is what a caller's INVITE asks for.
type Asks struct {
	Reliable Reliability
	Late     bool         // it has no offer: ours goes out first, in a 2xx or a reliable 18x
	Timer    SessionTimer // what our 2xx will agree to
}

// Reliability is what a caller says of reliable provisional responses (RFC 3262).
type Reliability uint8

// The reliabilities.
const (
	ReliableNever    Reliability = iota // the caller does not know of them
	ReliableMaybe                       // Supported: 100rel
	ReliableRequired                    // Require: 100rel
)

// Early is the provisional responses of an inbound leg.
type Early struct {
	// Waits is whether an 18x waits for its PRACK, and Interval the time to its
	// next retransmission.
	Waits    bool
	Interval time.Duration
	// Offering is whether our offer is in the 18x that waits, or was in one
	// that had its PRACK.
	Offering bool
	// Settled is whether offer and answer were exchanged reliably before any
	// 2xx: it needs no SDP then, and an UPDATE may change the session.
	Settled bool
	// Next is the 18x to send after the PRACK, and NextEarly whether it has
	// our answer. Only one may wait (section 3).
	Next      Verb
	NextEarly bool
	// Answered is whether the 2xx is to be sent after the PRACK.
	Answered bool
}

// provisional sends an 18x, or keeps it until the one before has its PRACK.
func (u UAS) provisional(v Verb, early bool, acts []Action) (UAS, []Action) {
	if u.Early.Waits {
		u.Early.Next, u.Early.NextEarly = v, early || u.Early.NextEarly
		return u, acts
	}
	u.State = UASEarly
	act := Action{Do: v, Body: u.earlyBody(early), Reliable: u.reliably(early)}
	acts = append(acts, act)
	if !act.Reliable {
		return u, acts
	}
	u.Early.Waits, u.Early.Interval = true, T1
	u.Early.Offering = u.Early.Offering || act.Body == BodyOffer
	u.Early.Settled = u.Early.Settled || act.Body == BodyAnswer
	return u, append(acts, start(TimerEarly, T1), start(TimerPrack, patience))
}

// reliably reports whether an 18x is sent reliably: where the caller requires
// it, and where it bears an answer and the caller can do it.
func (u UAS) reliably(early bool) bool {
	switch u.Asks.Reliable {
	case ReliableRequired:
		return true
	case ReliableMaybe:
		return early && !u.Asks.Late
	default:
		return false
	}
}

// earlyBody is what an 18x says of the sound. The first reliable one to an
// INVITE without an offer must have ours (RFC 3262 section 5), an unreliable
// one can't.
func (u UAS) earlyBody(early bool) Body {
	switch {
	case u.Early.Settled || u.Early.Offering:
		return BodyNone
	case u.Asks.Late && u.Asks.Reliable == ReliableRequired:
		return BodyOffer
	case early && !u.Asks.Late:
		return BodyAnswer
	default:
		return BodyNone
	}
}

// acknowledged: the PRACK is here; what it has kept waiting is sent.
func (u UAS) acknowledged(in Input, acts []Action) (UAS, []Action) {
	acts = u.stopEarly(acts)
	switch {
	case u.Early.Settled && in.Body == BodyOffer: // section 5: another exchange may begin here
		acts = in.Flow.told(append(acts, Action{Do: AcceptPrack, Body: BodyAnswer}))
	case u.initial() != initialOurs:
		acts = append(acts, Action{Do: AcceptPrack})
	case in.Body != BodyAnswer: // section 5: the answer had to be here
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptPrack},
			released(CauseMedia), Action{Do: SendFinal, Cause: CauseMedia})
	default:
		u.Early.Settled = true
		acts = in.Flow.told(append(acts, Action{Do: AcceptPrack}))
	}
	next, early, answered := u.Early.Next, u.Early.NextEarly, u.Early.Answered
	u.Early = Early{Offering: u.Early.Offering, Settled: u.Early.Settled}
	switch {
	case answered:
		return u.answer(acts)
	case next != 0:
		return u.provisional(next, early, acts)
	default:
		return u, acts
	}
}

// resendEarly repeats the reliable 18x; its interval doubles without a limit
// (section 3).
func (u UAS) resendEarly(acts []Action) (UAS, []Action) {
	if !u.Early.Waits {
		return u, acts
	}
	u.Early.Interval *= 2
	return u, append(acts, Action{Do: ResendEarly}, start(TimerEarly, u.Early.Interval))
}

func (u UAS) stopEarly(acts []Action) []Action {
	if !u.Early.Waits {
		return acts
	}
	return append(acts, stop(TimerEarly), stop(TimerPrack))
}
