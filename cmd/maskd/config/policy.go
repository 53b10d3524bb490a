package config

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var (
	errSticky       = errors.New("expected off, prefer, avoid or pin")
	errOnExhaustion = errors.New("expected reject or shorten_cooldown")
	errSpan         = errors.New("expected seconds from 0 to 31622400 (366 days)")
	errPairs        = errors.New("expected a number from 0 (no limit) to 1000000")
	errPercent      = errors.New("expected percent from 0 (off) to 90")
)

const (
	stickyOff        Sticky       = "off"
	exhaustionReject OnExhaustion = "reject"
)

// Sticky is what becomes of the DIDs that two parties had together.
type Sticky string

// UnmarshalYAML reads the written form.
func (s *Sticky) UnmarshalYAML(node ast.Node) error {
	return word(node, s, mapping.ParseSticky, errSticky)
}

// OnExhaustion is what is done when a cool-down leaves nothing to give.
type OnExhaustion string

// UnmarshalYAML reads the written form.
func (o *OnExhaustion) UnmarshalYAML(node ast.Node) error {
	return word(node, o, mapping.ParseOnExhaustion, errOnExhaustion)
}

// Span is a time in seconds that may be none.
type Span uint32

// UnmarshalYAML reads the written form.
func (s *Span) UnmarshalYAML(node ast.Node) error {
	return number(node, s, 0, Span(mapping.MaxTTL/time.Second), errSpan)
}

func (s Span) duration() time.Duration { return time.Duration(s) * time.Second }

// Pairs is how many interactions may have the same DID at once.
type Pairs uint32

// UnmarshalYAML reads the written form.
func (p *Pairs) UnmarshalYAML(node ast.Node) error { return number(node, p, 0, 1_000_000, errPairs) }

// Percent is a share of a pool's DIDs; 0 is none.
type Percent uint8

// UnmarshalYAML reads the written form.
func (p *Percent) UnmarshalYAML(node ast.Node) error { return number(node, p, 0, 90, errPercent) }

// fillIn puts defaults where the file says nothing.
func (p *Pool) fillIn() {
	p.Sticky = cmp.Or(p.Sticky, stickyOff)
	p.OnExhaustion = cmp.Or(p.OnExhaustion, exhaustionReject)
	p.Record = cmp.Or(p.Record, recordOff)
	p.UnknownCaller = cmp.Or(p.UnknownCaller, unknownCallerRefuse)
	p.InAll.Hours = cmp.Or(p.InAll.Hours, usualHours)
	if len(p.Warn) == 0 {
		p.Warn = nil
	}
	if len(p.Reserved) == 0 {
		p.Reserved = nil // as where it is left out
	}
}

func (p Pool) policy() mapping.Policy {
	sticky, _ := mapping.ParseSticky(string(p.Sticky))
	onExhaustion, _ := mapping.ParseOnExhaustion(string(p.OnExhaustion))
	redirect, _ := mapping.ParseNumber(string(p.RedirectTo))
	return mapping.Policy{
		Sticky: sticky, CoolDown: p.CoolDown.duration(), Floor: p.Floor.duration(), OnExhaustion: onExhaustion,
		MaxPairs: int(p.MaxPairs), Low: int(p.Low), WarmUp: p.WarmUp.duration(), AskUnknown: p.UnknownCaller.AsksPIN(), HookUnknown: p.UnknownCaller.AsksHook(), Redirect: redirect,
		Locale: mapping.Locale(p.Locale), Record: p.Record.way(), CallTime: p.CallTime.duration(), Warn: p.warnings(), AtOnce: int(p.AtOnce),
		AtOnceNumber: int(p.PerNumber), AtOnceDID: int(p.PerDID),
		InAllNumber: allotment(p.InAll.PerNumber, p.InAll.Hours), InAllDID: allotment(p.InAll.PerDID, p.InAll.Hours),
	}
}

func (p Pool) validatePolicy(i int) error {
	if err := p.validateRedirect(i); err != nil {
		return err
	}
	for j, r := range p.Reserved {
		if !slices.ContainsFunc(p.DIDs, func(d DIDRange) bool { return d.has(r) }) {
			return found("expected DIDs within one of the ranges of dids", "$.pools[%d].reserved[%d]", i, j)
		}
	}
	if p.Floor > p.CoolDown {
		return found("expected no more than cool_down_seconds", "$.pools[%d].cool_down_floor_seconds", i)
	}
	return p.validateCalls(i)
}
