package config

import (
	"errors"
	"time"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

const callTimeBounds = "expected seconds from 10 to 86400 (a day), or 0 for no limit"

var errUnknownCaller = errors.New("expected refuse, announce, pin, hook or redirect")

// The ways with a caller who withholds his number, or is nobody's party.
const (
	unknownCallerRefuse   UnknownCaller = "refuse"
	unknownCallerAnnounce UnknownCaller = "announce"
	unknownCallerPIN      UnknownCaller = "pin"
	unknownCallerHook     UnknownCaller = "hook"
	unknownCallerRedirect UnknownCaller = "redirect"
)

// UnknownCaller is what happens to a caller who is nobody's party.
type UnknownCaller string

func parseUnknownCaller(s string) (UnknownCaller, error) {
	switch u := UnknownCaller(s); u {
	case unknownCallerRefuse, unknownCallerAnnounce, unknownCallerPIN, unknownCallerHook, unknownCallerRedirect:
		return u, nil
	default:
		return "", errUnknownCaller
	}
}

// UnmarshalYAML reads the written form.
func (u *UnknownCaller) UnmarshalYAML(node ast.Node) error {
	return scalar(node, u, parseUnknownCaller)
}

// AsksPIN reports whether he is asked for his PIN.
func (u UnknownCaller) AsksPIN() bool { return u == unknownCallerPIN }

// AsksHook reports whether the decision hook is asked whose party he is.
func (u UnknownCaller) AsksHook() bool { return u == unknownCallerHook }

// Announces reports whether he hears why he is refused, if only as a tone.
func (u UnknownCaller) Announces() bool { return u == unknownCallerAnnounce }

// Announce is what callers of a pool's DIDs hear in place of a refusal: WAV
// files; none if empty.
type Announce struct {
	Refused string `yaml:"refused"` // whatever the reason
	Busy    string `yaml:"busy"`    // a party that has as many calls as it may have at once
}

// warnings returns the times at which a call's end is warned of.
func (p Pool) warnings() (all []time.Duration) {
	for _, before := range p.Warn {
		all = append(all, before.duration())
	}
	return all
}

// validateCalls wants warnings that come within the call.
func (p Pool) validateCalls(i int) error {
	limit := p.CallTime.duration()
	switch {
	case limit != 0 && (limit < mapping.MinCallTime || limit > mapping.MaxCallTime):
		return found(callTimeBounds, "$.pools[%d].max_call_seconds", i)
	case !mapping.ValidWarnings(p.warnings(), limit):
		return found("expected at most 4, the longest first, each below max_call_seconds", "$.pools[%d].warn_seconds", i)
	default:
		return nil
	}
}
