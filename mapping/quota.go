package mapping

import "fmt"

// Quota is how many calls there may be at once that have something in common.
// Who keeps count of the live calls holds it; the domain only says what is
// counted.
type Quota struct {
	Of      Common
	Most    int
	Refusal Refusal // of the call that is one too many
}

// Common is what calls have in common: one of these. It is comparable, so that
// it can be the key of a count.
type Common struct {
	Interaction ID     // they are of one interaction
	InAll       bool   // and count to its calls in all, until its record has them
	Number      Number // one of the two has this number, and the call may be any interaction's
	DID         DID    // the caller dialled it
	Tenant      string // they are of one tenant's interactions
}

// words tells of the quota, but not of whose number it is.
func (q Quota) words() string {
	switch of := q.Of; {
	case of.InAll:
		return fmt.Sprintf("%d calls are left of its max_calls", q.Most)
	case !of.Interaction.IsZero():
		return fmt.Sprintf("at most %d of the interaction at once", q.Most)
	case !of.Number.IsZero():
		return fmt.Sprintf("at most %d of one party's number at once", q.Most)
	case of.DID != "":
		return fmt.Sprintf("at most %d to %s at once", q.Most, of.DID)
	default:
		return fmt.Sprintf("at most %d of the tenant at once", q.Most)
	}
}

// Quotas returns what a call to a DID counts to that was put on a route; nil for
// most. Of a party that is a group nobody knows yet which number will be
// reached: it counts to none. The uncounted are calls that have ended and that
// the record does not have yet.
func (i *Interaction) Quotas(policy Policy, did DID, caller Number, route *Route, uncounted int) []Quota {
	var all []Quota
	if i.Limits.AtOnce > 0 {
		all = append(all, Quota{Common{Interaction: i.ID}, i.Limits.AtOnce, RefusalBusy})
	}
	if i.Limits.Calls > 0 {
		all = append(all, Quota{Common{Interaction: i.ID, InAll: true}, i.Limits.Calls - i.Calls - uncounted, RefusalSpent})
	}
	if policy.AtOnceDID > 0 {
		all = append(all, Quota{Common{DID: did}, policy.AtOnceDID, RefusalBusy})
	}
	if policy.AtOnceNumber == 0 {
		return all
	}
	if !caller.IsZero() {
		all = append(all, Quota{Common{Number: caller}, policy.AtOnceNumber, RefusalBusy})
	}
	if len(route.Targets) == 1 {
		all = append(all, Quota{Common{Number: route.Target}, policy.AtOnceNumber, RefusalBusy})
	}
	return all
}
