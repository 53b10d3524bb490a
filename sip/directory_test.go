package sip

import (
	"cmp"
	"sync"
	"time"

	"maskd/mapping"
)

// directory is a mapping in memory.
type directory struct {
	mu       sync.Mutex
	routes   map[key]mapping.Route
	refusal  mapping.Refusal // what is said of who has no route
	redirect mapping.Number  // where strangers are sent to
	own      mapping.DID     // a DID that may be shown as a caller
	asks     bool            // strangers are asked for a PIN
	hooked   bool            // the arbiter is asked about strangers
	open     bool            // strangers are for the customer

	visitors  mapping.Route                    // of strangers
	extension mapping.ExtensionNumber          // which they are asked for; zero: they are not
	hides     bool                             // who hides his number is refused as others are
	since     mapping.Refusal                  // of a call that has a route
	counted   uint64                           // calls in all
	stale     int                              // so many routes are made before one of these is counted
	announced bool                             // what refuses is heard
	reaching  map[mapping.Number]mapping.Quota // of numbers that are bounded by themselves
	barred    mapping.Number                   // the block list keeps it from calling, whoever calls by it
	gone      bool                             // the interaction is completed right after the look-up
}

type key struct {
	did    mapping.DID
	caller mapping.Number
}

// newDirectory makes one with an interaction that connects the cast.
func newDirectory(c cast) *directory {
	d := &directory{routes: make(map[key]mapping.Route), refusal: mapping.RefusalUnknown}
	d.asks, d.open, d.redirect = c.asked, c.open, c.redirect
	d.extension, _ = mapping.ParseExtension(c.extension)
	if c.open || c.extension != "" {
		d.visitors = mapping.Route{
			Interaction: interaction, Caller: mapping.SideB, Target: c.customer.number(), Show: riderDID, Trunk: "east", Limits: c.bounds, Quotas: c.quotas, Locales: c.locales}
		d.routes[key{riderDID, c.customer.number()}] = mapping.Route{
			Interaction: interaction, Caller: mapping.SideA, Target: c.rider.number(), Show: riderDID, Trunk: "west", Limits: c.bounds, Quotas: c.quotas, Locales: c.locales}
		return d
	}
	pin, _ := mapping.ParsePIN(c.pin)
	target := c.customer.number()
	var targets []mapping.Number
	for _, l := range c.lines {
		if number := l.number(); number != c.hunt.Fallback {
			targets = append(targets, number)
		}
	}
	ofRider := mapping.Route{
		From: c.rider.number(), PIN: pin, Record: c.record, Targets: targets, Hunt: c.hunt, Interaction: interaction, Tenant: "north", Caller: mapping.SideA, Target: target, Show: customerDID, Trunk: "east", Limits: c.bounds, Quotas: c.quotas, Locales: c.locales}
	if c.hooked {
		ofRider.Targets = []mapping.Number{c.customer.number(), c.desk()}
		if !c.hunt.Fallback.IsZero() {
			ofRider.Target, ofRider.Targets = c.desk(), []mapping.Number{c.desk(), c.desk()}
		}
		ofRider.Case = &mapping.Case{Matter: mapping.MatterParty, Interaction: interaction, DID: riderDID, Side: mapping.SideA, Targets: []string{"num_1", "num_2"}}
		if !c.hunt.Fallback.IsZero() {
			ofRider.Case.Fallback = "num_3"
		}
	}
	d.hooked = c.hooked
	d.routes[key{riderDID, c.rider.number()}] = ofRider
	d.routes[key{customerDID, c.customer.number()}] = mapping.Route{
		From: c.customer.number(), Record: c.record, Interaction: interaction, Caller: mapping.SideB, Target: c.rider.number(), Show: riderDID, Trunk: "west", Limits: c.bounds, Quotas: c.quotas, Locales: c.locales}
	return d
}

func (d *directory) Resolve(did mapping.DID, caller mapping.Number, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	route, ok := d.routes[key{did, caller}]
	if !ok && d.open && did == riderDID && len(d.routes) > 0 {
		return d.visitors, 0
	}
	switch {
	case caller == mapping.Number{} && !d.hides:
		return route, mapping.RefusalNoCaller
	case d.own.Is(caller):
		return route, mapping.RefusalLoop
	case !ok:
		route.Announced = d.announced
		return route, d.refusal
	default:
		return d.dated(route), 0
	}
}

// bars reports whether nobody may call by a phone.
func (d *directory) bars(phone mapping.Number) bool { return !phone.IsZero() && phone == d.barred }

// by is the route of who calls by a phone that may be another's.
func (d *directory) by(phone mapping.Number, route mapping.Route) (mapping.Route, mapping.Refusal) {
	if d.bars(phone) {
		return mapping.Route{}, mapping.RefusalBlocked
	}
	route.Phone = phone
	return route, 0
}

// dated is a route that says when it was made.
func (d *directory) dated(route mapping.Route) mapping.Route {
	route.Counted = d.counted
	if d.stale > 0 {
		d.stale--
		route.Counted--
	}
	return route
}

// AsksUnknown has strangers asked where there is a PIN, if that is wanted.
func (d *directory) AsksUnknown(did mapping.DID) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return "east", d.asks && did == riderDID
}

// PoolOf has both DIDs in a pool of their own.
func (d *directory) PoolOf(did mapping.DID) string {
	if did == riderDID || did == customerDID {
		return "default"
	}
	return ""
}

// Redirects sends strangers who call the rider's DID to the customer's carrier, if
// that is wanted.
func (d *directory) Redirects(did mapping.DID, phone mapping.Number) (mapping.Route, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return mapping.Route{Target: d.redirect, Show: did, Trunk: "east"}, !d.redirect.IsZero() && did == riderDID && !d.bars(phone)
}

func (d *directory) Prove(did mapping.DID, phone mapping.Number, entered []byte, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, route := range d.routes {
		if key.did == did && route.PIN.Matches(entered) {
			return d.by(phone, route)
		}
	}
	return mapping.Route{}, mapping.RefusalPIN
}

// Unknown has the arbiter asked about strangers, if that is wanted.
func (d *directory) Unknown(did mapping.DID, caller mapping.Number) *mapping.Case {
	if !d.hooked || did != riderDID {
		return nil
	}
	c := &mapping.Case{Matter: mapping.MatterUnknown, DID: did}
	if !caller.IsZero() {
		c.Caller = "num_caller"
	}
	return c
}

func (d *directory) Vouched(did mapping.DID, phone mapping.Number, id mapping.ID, _ mapping.Side, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, route := range d.routes {
		if key.did == did && route.Interaction == id {
			route.Case = nil
			return d.by(phone, route)
		}
	}
	return mapping.Route{}, mapping.RefusalHook
}

// AsksExtension has strangers asked where somebody is reached by an extension.
func (d *directory) AsksExtension(did mapping.DID) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return "east", !d.extension.IsZero() && did == riderDID && len(d.routes) > 0
}

func (d *directory) Through(did mapping.DID, phone mapping.Number, keyed []byte, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if did == riderDID && d.extension.Matches(keyed) && len(d.routes) > 0 {
		return d.by(phone, d.visitors)
	}
	return mapping.Route{}, mapping.RefusalExtension
}

func (d *directory) Renew(was *mapping.Route, did mapping.DID, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, route := range d.routes {
		if key.did == did && route.Interaction == was.Interaction {
			route, refusal := d.by(was.Phone, d.dated(route))
			return route, cmp.Or(refusal, d.since)
		}
	}
	return mapping.Route{}, mapping.RefusalCompleted
}

// Origin rings a party on the trunk that the other would reach it by.
func (d *directory) Origin(id mapping.ID, side mapping.Side, _ time.Time) (mapping.Route, mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, route := range d.routes {
		if route.Interaction == id && route.Caller == side.Other() {
			return mapping.Route{Interaction: id, Caller: side, Target: route.Target, Show: route.Show, Trunk: route.Trunk}, 0
		}
	}
	return mapping.Route{}, d.refusal
}

func (d *directory) Counted() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counted
}

// Reaching says what the numbers are bounded by.
func (d *directory) Reaching(_ mapping.DID, of mapping.Tenant, n mapping.Number, _ time.Time) (quotas []mapping.Quota, counted uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q, bounded := d.reaching[n]; bounded {
		q.Of.Number, q.Of.Tenant = n, of
		quotas = append(quotas, q)
	}
	return quotas, d.dated(mapping.Route{}).Counted
}

func (d *directory) Live(id mapping.ID, _ time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, route := range d.routes {
		if route.Interaction == id {
			return !d.gone
		}
	}
	return false
}

// complete forgets the interaction.
func (d *directory) complete() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.routes)
}

// change lets a call that has a route already be refused.
func (d *directory) change(r mapping.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.since = r
}

// expire lets the interaction's time be over.
func (d *directory) expire() { d.refuse(mapping.RefusalExpired) }

// refuse refuses every call for the reason.
func (d *directory) refuse(r mapping.Refusal) {
	d.complete()
	d.refusal = r
}

// bound gives the calls to come other limits.
func (d *directory) bound(limits mapping.Limits) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, route := range d.routes {
		route.Limits = limits
		d.routes[key] = route
	}
}
