package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Bounds of what an integrator may ask for. An external id is a key in an
// index and a label a word for a filter, not storage.
const (
	maxExternalID = 128
	maxKey        = 255
	maxLabels     = 16
	maxLabel      = 64

	// MaxPartyNumbers bounds the numbers of a party, its fallback aside.
	MaxPartyNumbers = 8

	// MinTTL and MaxTTL bound the life of an interaction. Under a minute
	// nobody can dial; over a year it is a subscription and not an interaction.
	MinTTL = time.Minute
	MaxTTL = 366 * 24 * time.Hour
	// DefaultTTL is the life of an interaction whose draft names none.
	DefaultTTL = 24 * time.Hour
)

// Draft is an interaction as an integrator asks for it: no id and no DIDs yet.
type Draft struct {
	Tenant     Tenant // whose it is to be
	Key        string // names the request, so that sending it again changes nothing; may be empty
	ExternalID string
	Mode       Mode
	Numbering  Numbering
	Pool       string
	A, B       []Number
	WishA      Wish // what A wants of the DID that it dials
	WishB      Wish
	HuntA      Hunt // how A's numbers are rung
	HuntB      Hunt
	Sticky     Sticky // zero: what the pool says
	Direction  Direction
	Record     Recording // zero: what the pool says
	PINA, PINB PINWish
	Locales    Locales // empty: what the pool says
	HoursA     Hours   // when A may be reached
	HoursB     Hours
	Hook       bool // the decision hook is asked about each call
	TTL        time.Duration
	Life       Life
	Limits     Limits
	LimitsA    PartyLimits // of the calls that A makes
	LimitsB    PartyLimits
	Strangers  Strangers // where only A is named
	Labels     map[string]string
}

// WithDefaults returns the draft with every default filled in.
func (d Draft) WithDefaults() Draft {
	if d.Tenant == "" {
		d.Tenant = DefaultTenant
	}
	if d.Mode == 0 {
		d.Mode = ModePair
	}
	if d.Mode.OneSided() {
		d.Strangers = d.Strangers.withDefaults()
		d.Numbering = cmp.Or(d.Numbering, NumberingShared) // there is one DID only
	}
	if d.Numbering == 0 {
		d.Numbering = NumberingPerParty
	}
	if d.Pool == "" {
		d.Pool = DefaultPool
	}
	if d.Direction == 0 {
		d.Direction = DirectionBoth
	}
	if d.TTL == 0 {
		d.TTL = DefaultTTL
	}
	d.Life, d.Limits = d.Life.withDefaults(), d.Limits.withDefaults()
	d.HoursA, d.HoursB = d.HoursA.withDefaults(), d.HoursB.withDefaults()
	d.HuntA, d.HuntB = d.HuntA.WithDefaults(len(d.A)), d.HuntB.WithDefaults(len(d.B))
	return d
}

// In returns the draft with what it leaves to its pool filled in.
func (d Draft) In(pool Pool) Draft {
	d.Sticky = cmp.Or(d.Sticky, pool.Sticky, StickyOff)
	d.Record = cmp.Or(d.Record, pool.Record, RecordingOff)
	d.Locales = d.Locales.in(pool.Locale)
	d.Limits = d.Limits.in(pool.Policy)
	return d
}

// Validate reports the first thing about the draft that can't be, as an
// [InvalidError]. owned tells whether a number is one of our own DIDs: masking
// one would make us call ourselves.
func (d Draft) Validate(owned func(Number) bool) error {
	if len(d.Key) > maxKey {
		return invalid("Idempotency-Key", "too_long", "at most 255 bytes")
	}
	if len(d.ExternalID) > maxExternalID {
		return invalid("external_id", "too_long", "at most 128 bytes")
	}
	if err := d.Life.validate(d.TTL); err != nil {
		return err
	}
	if err := d.validateLimits(); err != nil {
		return err
	}
	if err := d.validateLabels(); err != nil {
		return err
	}
	if err := d.Locales.validate(); err != nil {
		return err
	}
	if err := validateParty("parties.a.numbers", d.A, owned); err != nil {
		return err
	}
	if err := d.validateOther(owned); err != nil {
		return err
	}
	if slices.ContainsFunc(d.A, func(n Number) bool { return slices.Contains(d.B, n) }) {
		return invalid("parties.b.numbers", "same_party", "a number can't be on both sides")
	}
	if err := d.validateHunts(owned); err != nil {
		return err
	}
	if err := d.WishA.validate("parties.a"); err != nil {
		return err
	}
	if err := d.WishB.validate("parties.b"); err != nil {
		return err
	}
	if err := d.HoursA.validate("parties.a", len(d.A), d.HuntA); err != nil {
		return err
	}
	if err := d.HoursB.validate("parties.b", len(d.B), d.HuntB); err != nil {
		return err
	}
	return d.validatePINs()
}

func (d Draft) validateLimits() error {
	if err := d.LimitsA.validate("parties.a"); err != nil {
		return err
	}
	if err := d.LimitsB.validate("parties.b"); err != nil {
		return err
	}
	return d.Limits.validate(d.LimitsA, d.LimitsB)
}

// validateOther looks at the other side: party B, or strangers.
func (d Draft) validateOther(owned func(Number) bool) error {
	if d.Mode.OneSided() {
		return d.validateStrangers(owned)
	}
	if d.Strangers != (Strangers{}) {
		return invalid("mode", "not_allowed", "extension, callback and withheld are for the modes open and extension")
	}
	return validateParty("parties.b.numbers", d.B, owned)
}

func (d Draft) validateLabels() error {
	if len(d.Labels) > maxLabels {
		return invalid("labels", "too_many", "at most 16 labels")
	}
	for key, value := range d.Labels {
		if key == "" || len(key) > maxLabel || len(value) > maxLabel {
			return invalid("labels", "too_long", "key of 1 to 64 bytes, value of at most 64")
		}
	}
	return nil
}

func validateParty(field string, numbers []Number, owned func(Number) bool) error {
	if len(numbers) == 0 {
		return invalid(field, "missing", "at least one number")
	}
	if len(numbers) > MaxPartyNumbers {
		return invalid(field, "too_many", "at most 8 numbers")
	}
	for i, n := range numbers {
		switch {
		case n.IsZero():
			return invalid(placeOf(field, i), "missing", "this is no number")
		case owned(n):
			return invalid(placeOf(field, i), "own_did", "this is one of our own DIDs, not a party's number")
		case slices.Contains(numbers[:i], n):
			return invalid(placeOf(field, i), "duplicate", "this number is named twice")
		}
	}
	return nil
}

func placeOf(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// Matches reports whether the interaction is what this draft asks for: what
// makes a second create with the same external id the same request.
func (d Draft) Matches(i *Interaction) bool {
	return d.ExternalID == i.ExternalID && d.Mode == i.Mode && d.Numbering == i.Numbering && d.Pool == i.Pool && d.Sticky == i.Sticky &&
		d.Direction == i.Direction && d.Record == i.Record && d.TTL == i.TTL && d.Life.equal(i.Life) && d.Limits.equal(i.Limits) &&
		d.Strangers.matches(i.Strangers) && d.Hook == i.Hook && d.Locales == i.Locales() && maps.Equal(d.Labels, i.Labels) &&
		slices.Equal(d.A, i.A.Numbers) && d.WishA.equal(i.A.Wish) && d.HuntA == i.A.Hunt && d.PINA.matches(i.A.PIN) &&
		d.HoursA.equal(i.A.Hours) && d.LimitsA == i.A.Limits &&
		slices.Equal(d.B, i.B.Numbers) && d.WishB.equal(i.B.Wish) && d.HuntB == i.B.Hunt && d.PINB.matches(i.B.PIN) &&
		d.HoursB.equal(i.B.Hours) && d.LimitsB == i.B.Limits
}

// Bind makes the interaction that the draft asks for, with the DIDs chosen for
// its parties.
func (d Draft) Bind(id ID, a, b DID, at time.Time) Interaction {
	return Interaction{
		ID: id, Tenant: d.Tenant, ExternalID: d.ExternalID, Mode: d.Mode, Numbering: d.Numbering, Pool: d.Pool, Sticky: d.Sticky,
		A: Party{
			Numbers: d.A, DID: a, Wish: d.WishA, Hunt: d.HuntA, PIN: d.PINA.Given, Hours: d.HoursA, Limits: d.LimitsA, Locale: d.Locales.A,
		},
		B: Party{
			Numbers: d.B, DID: b, Wish: d.WishB, Hunt: d.HuntB, PIN: d.PINB.Given, Hours: d.HoursB, Limits: d.LimitsB, Locale: d.Locales.B,
		},
		Labels: d.Labels, Hook: d.Hook, Strangers: d.Strangers, Direction: d.Direction, Record: d.Record, Limits: d.Limits,
		TTL: d.TTL, Life: d.Life, CreatedAt: at, ExpiresAt: later(at, d.Life.StartsAt).Add(d.TTL),
	}
}
