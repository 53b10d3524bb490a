package mapping

import (
	"fmt"
	"slices"
)

// Quota is how many calls there may be at once that have something in common.
// Who keeps count of the live calls holds it; the domain only says what is
// counted.
type Quota struct {
	Of      Common
	Most    int
	Refusal Refusal // of the call that is one too many
}

// Common is what calls have in common: an interaction, and perhaps which side of it
// calls; a number or a DID; or a tenant. It is comparable, so that it can be the key
// of a count.
type Common struct {
	Interaction ID     // they are of one interaction
	Caller      Side   // and this side of it calls
	InAll       bool   // they count to calls in all, until their records have them
	Number      Number // one of the two has this number, and the call may be any interaction's of its tenant
	DID         DID    // the caller dialled it
	Tenant      Tenant // they are of one tenant's interactions
}

// words tells of the quota, but not of whose number it is.
func (q Quota) words() string {
	count := fmt.Sprintf("at most %d", q.Most)
	if q.Of.InAll {
		count = fmt.Sprintf("%d calls are left", max(q.Most, 0))
	}
	return count + " " + q.Of.words()
}

func (c Common) words() string {
	when := " at once"
	if c.InAll {
		when = " in the hours that count"
	}
	switch {
	case c.Caller != 0:
		return "of the max_calls of party " + c.Caller.String()
	case !c.Interaction.IsZero() && c.InAll:
		return "of its max_calls"
	case !c.Interaction.IsZero():
		return "of the interaction at once"
	case !c.Number.IsZero():
		return "of one party's number" + when
	case c.DID != "":
		return "to " + string(c.DID) + when
	default:
		return "of the tenant" + when
	}
}

// Bounds is what bounds the calls of an interaction, and how many there have been.
type Bounds struct {
	Policy
	Allowance
	Interaction Tally            // answered calls that the record does not have yet
	InAll       func(Common) int // answered calls in the hours that count
}

// Quotas returns what a call to a DID counts to that was put on a route; nil for
// most. Of a party that is a group nobody knows yet which number will be
// reached: see [Bounds.Reaching].
func (i *Interaction) Quotas(did DID, route *Route, b Bounds) []Quota {
	all := b.add(i.own(route.Caller, b.Interaction), Common{DID: did}, b.AtOnceDID, b.InAllDID)
	if !route.From.IsZero() {
		all = b.number(all, route.From, i.Tenant)
	}
	if len(route.Targets) == 1 {
		all = b.number(all, route.Target, i.Tenant)
	}
	return b.add(all, Common{Tenant: i.Tenant}, b.CallsAtOnce, b.Allowance.InAll)
}

// Reaching returns what a call counts to from when it rings a number; nil for most.
func (b Bounds) Reaching(n Number, of Tenant) []Quota { return b.number(nil, n, of) }

func (b Bounds) number(all []Quota, n Number, of Tenant) []Quota {
	return b.add(all, Common{Number: n, Tenant: of}, b.AtOnceNumber, b.InAllNumber)
}

// add adds the quotas of what calls have in common, where they are bounded.
func (b Bounds) add(all []Quota, of Common, atOnce int, inAll Allotment) []Quota {
	if atOnce > 0 {
		all = append(all, Quota{of, atOnce, RefusalBusy})
	}
	if of.InAll = true; inAll.Bounds() {
		all = append(all, Quota{of, inAll.Calls - b.InAll(of), RefusalAllotment})
	}
	return all
}

// Counts reports whether a number is among what a call counts to.
func Counts(quotas []Quota, n Number) bool {
	return slices.ContainsFunc(quotas, func(q Quota) bool { return q.Of.Number == n })
}

// own returns the quotas that the interaction itself has, and its party that calls.
func (i *Interaction) own(caller Side, uncounted Tally) (all []Quota) {
	if i.Limits.AtOnce > 0 {
		all = append(all, Quota{Common{Interaction: i.ID}, i.Limits.AtOnce, RefusalBusy})
	}
	if most := i.Limits.Calls; most > 0 {
		all = append(all, Quota{Common{Interaction: i.ID, InAll: true}, most - i.Calls.All - uncounted.All, RefusalSpent})
	}
	if most := i.Party(caller).Limits.Calls; most > 0 {
		all = append(all, Quota{Common{Interaction: i.ID, Caller: caller, InAll: true}, most - i.Calls.By(caller) - uncounted.By(caller), RefusalSpent})
	}
	return all
}

// Full returns why there may be no call more, of those that only count calls in all;
// zero if there may.
func Full(quotas []Quota) Refusal {
	for _, q := range quotas {
		if q.Of.InAll && q.Most <= 0 {
			return q.Refusal
		}
	}
	return 0
}

// InAll reports whether one of them counts calls in all.
func InAll(quotas []Quota) bool {
	return slices.ContainsFunc(quotas, func(q Quota) bool { return q.Of.InAll })
}
