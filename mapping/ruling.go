package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Case is a call about which the decision hook is asked: all that it is told. It
// has no room for a number; references stand for numbers.
type Case struct {
	Matter      Matter
	Tenant      Tenant // whose interaction, or DID, it is
	Call        ID     // zero if nobody calls: it is asked what would be
	Interaction ID     // with MatterParty; zero else
	ExternalID  string
	Labels      map[string]string
	DID         DID
	Side        Side     // of the caller, with MatterParty
	Caller      string   // reference; empty if he withholds his number
	Targets     []string // references, in the order in which they would be rung
	Fallback    string   // reference of who can be rung in their place; empty: nobody
	At          time.Time
}

// Matter is what a case is about.
type Matter uint8

// The matters.
const (
	MatterParty   Matter = iota + 1 // may this party call the other?
	MatterUnknown                   // whose party is this caller, if any?
)

// String returns the matter as the hook is told it.
func (m Matter) String() string {
	switch m {
	case MatterParty:
		return "call"
	case MatterUnknown:
		return "unknown_caller"
	default:
		return "matter(" + strconv.Itoa(int(m)) + ")"
	}
}

// Verdict is what the decision hook has decided.
type Verdict uint8

// The verdicts.
const (
	VerdictConnect Verdict = iota + 1
	VerdictRefuse
	VerdictFallback // the party's fallback is rung in its place
)

// String returns the verdict as the hook writes it.
func (v Verdict) String() string {
	switch v {
	case VerdictConnect:
		return "connect"
	case VerdictRefuse:
		return "refuse"
	case VerdictFallback:
		return "fallback"
	default:
		return "verdict(" + strconv.Itoa(int(v)) + ")"
	}
}

// ParseVerdict reads a verdict as the hook writes it; there is no default.
func ParseVerdict(s string) (Verdict, bool) { return called(s, VerdictConnect, VerdictFallback) }

// Ruling is what the decision hook has answered. It can name a number of the
// case by its place, and an interaction by its id, but never a number.
type Ruling struct {
	Verdict     Verdict
	Picks       bool // of the case's targets, Target alone is rung
	Target      int
	Interaction ID            // with MatterUnknown: whose party the caller is
	Side        Side          // of it; zero: whichever has the DID
	Record      Recording     // whether the call is recorded; zero: as the interaction says
	CallTime    time.Duration // what the call may last at most, if the interaction does not say less; zero: as that says
}

// Answers reports whether the ruling fits the case: what it leaves open, or what
// can't be, is no ruling.
func (r Ruling) Answers(c *Case) bool {
	named := !r.Interaction.IsZero()
	switch {
	case r.Verdict != VerdictConnect && r.Verdict != VerdictFallback:
		return r == Ruling{Verdict: VerdictRefuse}
	case r.CallTime != 0 && (r.CallTime < MinCallTime || r.CallTime > MaxCallTime):
		return false
	case r.Picks && (r.Target < 0 || r.Target >= len(c.Targets)):
		return false
	case r.Verdict == VerdictFallback:
		return c.Matter == MatterParty && c.Fallback != "" && !named && r.Side == 0 && !r.Picks
	case c.Matter == MatterUnknown:
		return named && !r.Picks
	default:
		return !named && r.Side == 0
	}
}

// Amend returns the route of a call that connects with what else the ruling says.
func (r Ruling) Amend(route Route) Route {
	route.Record = cmp.Or(r.Record, route.Record)
	route.Limits = route.Limits.within(r.CallTime)
	return route
}

// Under returns the route as the ruling has it, or why there is none.
func (r Route) Under(ruling Ruling) (Route, Refusal) {
	if r.Case == nil || !ruling.Answers(r.Case) || ruling.Verdict == VerdictRefuse {
		return r, RefusalHook
	}
	switch {
	case ruling.Picks && ruling.Target >= len(r.Targets):
		return r, RefusalHook
	case ruling.Picks:
		r.Targets = r.Targets[ruling.Target : ruling.Target+1]
		r.Target = r.Targets[0]
	case ruling.Verdict == VerdictFallback && r.Diverted == 0: // else it is the fallback's already
		if r.Hunt.Fallback.IsZero() {
			return r, RefusalHook
		}
		r.Targets, r.Hunt = r.Hunt.diverted()
		r.Target, r.Diverted = r.Targets[0], DiversionHook
	}
	return ruling.Amend(r), 0
}

// Heed returns the route as the ruling has it, now that it is as it is: the ruling is
// about the route as it was when the hook was asked. Who may not be rung any more is
// not, though the hook has picked him. What the call counts to it has been counted to.
func (r Route) Heed(ruling Ruling, now Route) (Route, Refusal) {
	if r.Case == nil || now.Case == nil || !ruling.Answers(r.Case) {
		return r, RefusalHook
	}
	if ruling.Picks {
		ruling.Target = slices.Index(now.Case.Targets, r.Case.Targets[ruling.Target])
	}
	now.Quotas = r.Quotas
	return now.Under(ruling)
}
