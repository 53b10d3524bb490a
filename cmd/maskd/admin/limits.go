package admin

import (
	"time"

	"maskd/mapping"
)

// Limits bound the calls of an interaction that is asked for. What is left out is
// as its pool has it.
type Limits struct {
	MaxCallSeconds *int64  `json:"max_call_seconds,omitempty"`  // how long a call may last
	WarnSeconds    []int64 `json:"warn_seconds,omitempty"`      // so long before its end it is warned of, the longest first
	Warn           string  `json:"warn,omitempty"`              // both, a or b: who hears it
	MaxCallsAtOnce *int    `json:"max_calls_at_once,omitempty"` // live calls
	MaxCalls       *int    `json:"max_calls,omitempty"`         // answered calls in all
}

// PartyLimits bound the calls that a party makes. What is left out bounds nothing.
type PartyLimits struct {
	MaxCallSeconds *int64 `json:"max_call_seconds,omitempty"` // how long one may last
	MaxCalls       *int   `json:"max_calls,omitempty"`        // answered ones in all
}

// EffectiveLimits are those that were decided on. What is left out has no limit.
type EffectiveLimits struct {
	MaxCallSeconds int64   `json:"max_call_seconds,omitempty"`
	WarnSeconds    []int64 `json:"warn_seconds,omitempty"`
	Warn           string  `json:"warn,omitempty"`
	MaxCallsAtOnce int     `json:"max_calls_at_once,omitempty"`
	MaxCalls       int     `json:"max_calls,omitempty"`
}

func (l PartyLimits) domain(party string) (limits mapping.PartyLimits, err error) {
	if limits.CallTime, err = span(party+".max_call_seconds", l.MaxCallSeconds, 0, mapping.MaxCallTime, callBounds); err != nil {
		return limits, err
	}
	if l.MaxCalls != nil {
		limits.Calls = *l.MaxCalls
	}
	return limits, nil
}

const (
	callBounds = "from 10 to 86400 (a day), or 0 for no limit"
	warnBounds = "at most 4, the longest first, each below max_call_seconds"
)

func (l Limits) domain() (limits mapping.Limits, err error) {
	if limits.CallTime, err = span("max_call_seconds", l.MaxCallSeconds, 0, mapping.MaxCallTime, callBounds); err != nil {
		return limits, err
	}
	if limits.Warn, err = warnings(l.WarnSeconds); err != nil {
		return limits, err
	}
	if limits.Warned, err = audience(l.Warn); err != nil {
		return limits, err
	}
	if l.MaxCallsAtOnce != nil {
		limits.AtOnce = *l.MaxCallsAtOnce
	}
	if l.MaxCalls != nil {
		limits.Calls = *l.MaxCalls
	}
	return limits, nil
}

// warnings reads times; that they fit the call is for the domain to check.
func warnings(seconds []int64) (all []time.Duration, err error) {
	for _, s := range seconds {
		before, err := span("warn_seconds", &s, time.Second, mapping.MaxCallTime, warnBounds)
		if err != nil {
			return nil, err
		}
		all = append(all, before)
	}
	return all, nil
}

func audience(text string) (mapping.Audience, error) {
	a, ok := mapping.ParseAudience(text)
	if !ok {
		return a, invalidField("warn", "unknown", "expected both, a or b")
	}
	return a, nil
}

func viewLimits(l mapping.Limits) EffectiveLimits {
	view := EffectiveLimits{MaxCallSeconds: int64(l.CallTime / time.Second), MaxCallsAtOnce: l.AtOnce, MaxCalls: l.Calls}
	for _, before := range l.Warn {
		view.WarnSeconds = append(view.WarnSeconds, int64(before/time.Second))
		view.Warn = l.Warned.String()
	}
	return view
}
