package mapping

import (
	"fmt"
	"strconv"
	"time"
)

// Check is one question that is asked of a call before anybody is rung, in the
// order in which they are asked.
type Check uint8

// The checks.
const (
	CheckCaller      Check = iota + 1 // is the caller's number known, and somebody else's than ours?
	CheckDID                          // is the DID in one of our pools?
	CheckInteraction                  // is the caller a party of an interaction with this DID?
	CheckLife                         // does the interaction connect at that time?
	CheckTarget                       // may the other party be rung?
	CheckLimits                       // may there be one more call?
	CheckHook                         // does the decision hook agree?
)

// checks lists those of the call, in their order.
func (e Evidence) checks() []Check {
	all := []Check{CheckCaller, CheckDID, CheckInteraction, CheckLife, CheckTarget, CheckLimits}
	if e.Route.Case != nil {
		all = append(all, CheckHook)
	}
	return all
}

// String returns the check as the API writes it.
func (c Check) String() string {
	switch c {
	case CheckCaller:
		return "caller"
	case CheckDID:
		return "did"
	case CheckInteraction:
		return "interaction"
	case CheckLife:
		return "life"
	case CheckTarget:
		return "target"
	case CheckLimits:
		return "limits"
	case CheckHook:
		return "hook"
	default:
		return "check(" + strconv.Itoa(int(c)) + ")"
	}
}

// Step is a check that was made on the way to a decision, and what it found.
// Only the last step of a refusal has failed.
type Step struct {
	Check   Check
	Passed  bool
	Finding string // in words, for people; tells no number but DIDs
}

// Evidence is a decision about a (DID, caller) key at a time, and what is
// known that bears on it.
type Evidence struct {
	DID     DID
	At      time.Time
	Route   Route   // the decision: this,
	Refusal Refusal // or this

	// Redirect is where a caller who was refused is sent all the same; zero: nowhere.
	Redirect Number

	Pool string // the pool that has the DID; empty: none has
	Asks bool   // who is no party is asked for an extension
	// Interaction is the one that decided, or else the last that had the key;
	// nil if none is known.
	Interaction *Interaction
	// OpensAt is when the other party may be reached next; zero if it may be now,
	// or never before the interaction's end.
	OpensAt time.Time
	// Unknown says that the decision hook would be asked whose party the caller is.
	Unknown bool
	// Asked says that the decision hook was asked, if the route has a case.
	Asked bool
	// Partial says that a last one was looked for among the latest
	// interactions only: before them there may be more.
	Partial bool
}

// Explain tells the steps that lead to the decision. It takes the decision as
// made and adds why, so that the two can't disagree.
func (e Evidence) Explain() []Step {
	var steps []Step
	failed := e.failed()
	for _, c := range e.checks() {
		if c == failed {
			return append(steps, Step{Check: c, Finding: e.against(c) + e.elsewhere()})
		}
		steps = append(steps, Step{Check: c, Passed: true, Finding: e.inFavour(c)})
	}
	return steps
}

// failed returns the check that the refusal comes of; zero if there is a route.
func (e Evidence) failed() Check {
	switch e.Refusal {
	case 0:
		return 0
	case RefusalNoCaller, RefusalLoop, RefusalUnverified, RefusalPIN, RefusalExtension, RefusalWithheld:
		return CheckCaller
	}
	if e.Pool == "" {
		return CheckDID
	}
	switch e.Refusal {
	case RefusalHook:
		return CheckHook
	case RefusalUnknown:
		return CheckInteraction
	case RefusalTarget, RefusalDirection, RefusalBlocked, RefusalQuiet, RefusalOutsideHours, RefusalCallback:
		return CheckTarget
	case RefusalBusy, RefusalSpent, RefusalAllotment:
		return CheckLimits
	default:
		return CheckLife
	}
}

func (e Evidence) inFavour(c Check) string {
	switch c {
	case CheckCaller:
		return "the caller's number can be read and is none of our DIDs"
	case CheckDID:
		return fmt.Sprintf("%s is in pool %s", e.DID, e.Pool)
	case CheckInteraction:
		if e.Route.Caller == SideB && e.oneSided() {
			return "whoever calls this DID reaches party a of " + e.name()
		}
		return "the caller is a party of " + e.name()
	case CheckLife:
		return "it connects" + e.until()
	case CheckLimits:
		return e.limits()
	case CheckHook:
		return e.heard()
	default:
		return fmt.Sprintf("%s is rung on trunk %s and sees %s%s%s", e.rung(), e.Route.Trunk, e.Route.Show, e.Route.turns(), e.Route.Diverted.because())
	}
}

func (e Evidence) against(c Check) string {
	because := e.Refusal.Meaning()
	switch c {
	case CheckDID: // and not said back: it may be somebody's number
		return "what was dialled is none of our DIDs"
	case CheckCaller:
		return because + e.whose() + e.asked()
	case CheckInteraction:
		return because + "; " + e.past() + e.whose() + e.asked()
	case CheckLife:
		return because + e.end() + e.whose() + e.asked()
	case CheckTarget:
		return because + e.opens()
	default:
		return because
	}
}

func (e Evidence) oneSided() bool { return e.Interaction != nil && e.Interaction.Mode.OneSided() }

// rung tells who is.
func (e Evidence) rung() string {
	switch {
	case e.Route.Diverted != 0:
		return "the fallback of party " + e.Route.Caller.Other().String()
	case e.Route.Caller != SideA || !e.oneSided():
		return "party " + e.Route.Caller.Other().String()
	case e.Interaction.Strangers.Callback == CallbackFallback:
		return "the number to call back"
	default:
		return "who called last"
	}
}

// asked tells what becomes of a caller who is no party.
func (e Evidence) asked() string {
	if !e.Asks || !e.Refusal.OfStranger() {
		return ""
	}
	return "; the caller is asked for an extension"
}

// elsewhere tells that the caller reaches somebody all the same.
func (e Evidence) elsewhere() string {
	if e.Redirect.IsZero() {
		return ""
	}
	return fmt.Sprintf("; pool %s sends such callers elsewhere, where %s is seen", e.Pool, e.DID)
}

// past tells of the last interaction that had the key.
func (e Evidence) past() string {
	switch {
	case e.Interaction != nil:
		return "the last one was " + e.name() + e.end()
	case e.Partial:
		return "none of the latest had"
	default:
		return "none ever had"
	}
}

// end tells when the interaction ceased to connect.
func (e Evidence) end() string {
	switch {
	case e.Interaction == nil:
		return ""
	case !e.Interaction.CompletedAt.IsZero():
		return ", completed at " + written(e.Interaction.CompletedAt)
	case e.Interaction.State(e.At) == StateScheduled:
		return ", begins at " + written(e.Interaction.Life.StartsAt)
	case !e.At.Before(e.Interaction.ExpiresAt):
		return ", expired at " + written(e.Interaction.ExpiresAt)
	default:
		return ""
	}
}

// limits tells what bounds the call. How many are live is not known here.
func (e Evidence) limits() string {
	words := "it may last for as long as they talk"
	if t := e.Route.Limits.CallTime; t > 0 {
		words = fmt.Sprintf("it may last for %d seconds", t/time.Second)
	}
	for _, q := range e.Route.Quotas {
		words += "; " + q.words()
	}
	return words
}

// opens tells when the other party may be reached next.
func (e Evidence) opens() string {
	switch {
	case e.Refusal != RefusalOutsideHours:
		return ""
	case e.OpensAt.IsZero():
		return ", nor at any time before the interaction ends"
	default:
		return ", but from " + written(e.OpensAt) + " on"
	}
}

// whose tells that an unknown caller may be let in all the same.
func (e Evidence) whose() string {
	if !e.Unknown || e.Asks {
		return ""
	}
	return "; the decision hook would be asked whose party the caller is"
}

// heard tells what the decision hook said to a call that connects.
func (e Evidence) heard() string {
	if !e.Asked {
		return "the decision hook would be asked"
	}
	return "the decision hook has been asked, and connects the call"
}

func (e Evidence) until() string {
	if e.Interaction == nil {
		return ""
	}
	return " until " + written(e.Interaction.ConnectsUntil())
}

func (e Evidence) name() string {
	if e.Interaction == nil {
		return "an interaction"
	}
	return e.Interaction.ID.Text(KindInteraction)
}

func written(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
