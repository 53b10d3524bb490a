package sip

import (
	"errors"
	"slices"
	"time"

	"maskd/mapping"
)

// What a number may have of calls bounds a call from when it rings the number: which of
// several will be rung, or that a fallback is, nobody knows before.

// Why a number is passed over.
var (
	errOccupied = errors.New("number has as many calls as it may have at once")
	errSpent    = errors.New("number has had as many calls as it may have")
)

// enter counts the call to a number that is rung next. Errors: errOccupied, errSpent.
func (c *call) enter(number mapping.Number) error {
	if c.route.Interaction.IsZero() || mapping.Counts(c.route.Quotas, number) {
		return nil // it is no party's, or is counted since the route was made
	}
	for {
		quotas, counted := c.b.directory.Reaching(c.identity.DID, c.route.Tenant, number, time.Now())
		if len(quotas) == 0 {
			return nil
		}
		full, stale := c.b.live.enter(c, quotas, counted)
		switch {
		case stale:
			continue
		case full == mapping.RefusalBusy:
			return errOccupied
		case full != 0:
			return errSpent
		}
		c.route.Quotas = slices.Concat(c.route.Quotas, quotas)
		return nil
	}
}

// spareOthers counts the call no more to numbers that will not be rung, because others
// are in their place.
func (c *call) spareOthers() {
	for _, q := range c.route.Quotas {
		if n := q.Of.Number; !n.IsZero() && n != c.route.From && !slices.Contains(c.numbers, n) {
			c.spare(n)
		}
	}
}

// spare counts the call no more to a number.
func (c *call) spare(number mapping.Number) {
	if mapping.Counts(c.route.Quotas, number) {
		c.b.live.spare(c, number)
	}
}
