package mapping

import (
	"cmp"
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
)

// String returns the verdict as the hook writes it.
func (v Verdict) String() string {
	switch v {
	case VerdictConnect:
		return "connect"
	case VerdictRefuse:
		return "refuse"
	default:
		return "verdict(" + strconv.Itoa(int(v)) + ")"
	}
}

// ParseVerdict reads a verdict as the hook writes it; there is no default.
func ParseVerdict(s string) (Verdict, bool) {
	for v := VerdictConnect; v <= VerdictRefuse; v++ {
		if s == v.String() {
			return v, true
		}
	}
	return 0, false
}

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
	case r.Verdict != VerdictConnect:
		return r == Ruling{Verdict: VerdictRefuse}
	case r.CallTime != 0 && (r.CallTime < MinCallTime || r.CallTime > MaxCallTime):
		return false
	case r.Picks && (r.Target < 0 || r.Target >= len(c.Targets)):
		return false
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
	switch {
	case r.Case == nil || !ruling.Answers(r.Case) || ruling.Verdict != VerdictConnect:
		return r, RefusalHook
	case ruling.Picks && ruling.Target >= len(r.Targets):
		return r, RefusalHook
	case ruling.Picks:
		r.Targets = r.Targets[ruling.Target : ruling.Target+1]
		r.Target = r.Targets[0]
	}
	return ruling.Amend(r), 0
}
