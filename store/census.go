package store

import (
	"time"

	"maskd/mapping"
)

// census is which interactions hold their DIDs, and until when, of each tenant
// that may have so many only.
type census map[mapping.Tenant]*population

type population struct {
	until map[mapping.ID]time.Time
	first time.Time // none of them is over before it
}

// take counts an interaction.
func (c census) take(i *mapping.Interaction) {
	p := c[i.Tenant]
	if p == nil {
		p = &population{until: make(map[mapping.ID]time.Time)}
		c[i.Tenant] = p
	}
	p.set(i.ID, i.ConnectsUntil())
}

func (p *population) set(id mapping.ID, until time.Time) {
	if len(p.until) == 0 || until.Before(p.first) {
		p.first = until
	}
	p.until[id] = until
}

// leave counts it no more.
func (c census) leave(i *mapping.Interaction) {
	if p := c[i.Tenant]; p != nil {
		delete(p.until, i.ID)
	}
}

// move lets an interaction that is counted stay for as long as it connects now;
// sooner than before only if that is meant.
func (c census) move(i *mapping.Interaction, sooner bool) {
	p := c[i.Tenant]
	if p == nil {
		return
	}
	if until, counted := p.until[i.ID]; counted && (sooner || i.ConnectsUntil().After(until)) {
		p.set(i.ID, i.ConnectsUntil())
	}
}

// room fails with a [mapping.QuotaError] if the tenant has as many as it may.
// Those that have expired are forgotten on the way, as soon as there is one:
// what a create that is refused costs does not grow with their number.
func (c census) room(t mapping.Tenant, most int, at time.Time) error {
	p := c[t]
	if most == 0 || p == nil || len(p.until) < most {
		return nil
	}
	if !at.Before(p.first) {
		p.forget(at)
	}
	if len(p.until) < most {
		return nil
	}
	return &mapping.QuotaError{Tenant: t, MaxLive: most}
}

func (p *population) forget(at time.Time) {
	p.first = time.Time{}
	for id, until := range p.until {
		switch {
		case !at.Before(until):
			delete(p.until, id)
		case p.first.IsZero() || until.Before(p.first):
			p.first = until
		}
	}
}
