package admin

import (
	"fmt"
	"strings"

	"maskd/mapping"
)

// Draft is the body of a create: an interaction as an integrator asks for it.
// What is left out gets its default, which the answer names under effective.
type Draft struct {
	ExternalID string       `json:"external_id,omitempty"`
	Mode       string       `json:"mode,omitempty"` // pair, open or extension
	Parties    DraftParties `json:"parties"`
	Pool       string       `json:"pool,omitempty"`
	Numbering  string       `json:"numbering,omitempty"` // per_party or shared
	Sticky     string       `json:"sticky,omitempty"`    // off, prefer, avoid or pin: the DIDs that the two had last
	Direction  string       `json:"direction,omitempty"` // both, a_to_b or b_to_a
	Record     string       `json:"record,omitempty"`    // off, agreed, announce, opt_in or opt_out: whether its calls are recorded
	TTLSeconds *int64       `json:"ttl_seconds,omitempty"`
	DraftLife
	Limits
	DraftStrangers
	Hook   bool              `json:"hook,omitempty"` // the decision hook is asked about each call
	Labels map[string]string `json:"labels,omitempty"`
}

// DraftParties are the two ends.
type DraftParties struct {
	A DraftParty `json:"a"`
	B DraftParty `json:"b"`
}

// DraftParty is one end, by its numbers in clear, and what it wants of its DID.
type DraftParty struct {
	Numbers []PlainNumber        `json:"numbers"`
	Prefer  []mapping.Preference `json:"prefer,omitempty"` // the most wanted first: a prefix, a DID, or local
	Strict  bool                 `json:"strict,omitempty"` // no other will do
	Locale  string               `json:"locale,omitempty"` // in which it is spoken to: hi-IN; empty: as its pool says
	PIN     PlainPIN             `json:"pin,omitempty"`    // 6 to 12 digits, or generate; empty: none
	DraftHunt
	PartyLimits

	Hours
	Extension PlainExtension `json:"extension,omitempty"` // of A, in mode extension: 3 to 8 digits, or generate
}

func (p DraftParty) wish() mapping.Wish { return mapping.Wish{Prefer: p.Prefer, Strict: p.Strict} }

// domain returns the draft in the words of the domain, or a
// [mapping.InvalidError] for the first field that can't be. Bounds are for the
// domain to check.
func (d Draft) domain() (mapping.Draft, error) {
	mode, ok := mapping.ParseMode(d.Mode)
	if !ok {
		return mapping.Draft{}, invalidField("mode", "unknown", "expected pair, open or extension")
	}
	numbering, ok := mapping.ParseNumbering(d.Numbering)
	if mode.OneSided() && d.Numbering == "" {
		numbering = mapping.NumberingShared
	}
	if !ok {
		return mapping.Draft{}, invalidField("numbering", "unknown", "expected per_party or shared")
	}
	sticky, ok := mapping.ParseSticky(d.Sticky)
	if !ok {
		return mapping.Draft{}, invalidField("sticky", "unknown", "expected off, prefer, avoid or pin")
	}
	direction, ok := mapping.ParseDirection(d.Direction)
	if !ok {
		return mapping.Draft{}, invalidField("direction", "unknown", "expected both, a_to_b or b_to_a")
	}
	record, ok := mapping.ParseRecording(d.Record)
	if !ok {
		return mapping.Draft{}, invalidField("record", "unknown", "expected off, agreed, announce, opt_in or opt_out")
	}
	ttl, err := span("ttl_seconds", d.TTLSeconds, mapping.MinTTL, mapping.MaxTTL, "from 60 (a minute) to 31622400 (366 days)")
	if err != nil {
		return mapping.Draft{}, err
	}
	life, err := d.DraftLife.domain()
	if err != nil {
		return mapping.Draft{}, err
	}
	limits, err := d.Limits.domain()
	if err != nil {
		return mapping.Draft{}, err
	}
	a, err := d.numbers("parties.a.numbers", d.Parties.A.Numbers)
	if err != nil {
		return mapping.Draft{}, err
	}
	b, err := d.numbers("parties.b.numbers", d.Parties.B.Numbers)
	if err != nil {
		return mapping.Draft{}, err
	}
	huntA, err := d.hunt("parties.a", d.Parties.A.DraftHunt)
	if err != nil {
		return mapping.Draft{}, err
	}
	huntB, err := d.hunt("parties.b", d.Parties.B.DraftHunt)
	if err != nil {
		return mapping.Draft{}, err
	}
	pinA, err := d.Parties.A.pin("parties.a.pin")
	if err != nil {
		return mapping.Draft{}, err
	}
	pinB, err := d.Parties.B.pin("parties.b.pin")
	if err != nil {
		return mapping.Draft{}, err
	}
	hoursA, err := d.Parties.A.Hours.domain("parties.a")
	if err != nil {
		return mapping.Draft{}, err
	}
	hoursB, err := d.Parties.B.Hours.domain("parties.b")
	if err != nil {
		return mapping.Draft{}, err
	}
	limitsA, err := d.Parties.A.PartyLimits.domain("parties.a")
	if err != nil {
		return mapping.Draft{}, err
	}
	limitsB, err := d.Parties.B.PartyLimits.domain("parties.b")
	if err != nil {
		return mapping.Draft{}, err
	}
	locales, err := d.locales()
	if err != nil {
		return mapping.Draft{}, err
	}
	strangers, err := d.strangers()
	if err != nil {
		return mapping.Draft{}, err
	}
	return mapping.Draft{
		ExternalID: d.ExternalID, Mode: mode, Numbering: numbering, Pool: d.Pool,
		A: a, B: b, PINA: pinA, PINB: pinB, WishA: d.Parties.A.wish(), WishB: d.Parties.B.wish(), Sticky: sticky,
		HuntA: huntA, HuntB: huntB,
		Direction: direction, Record: record, TTL: ttl, Life: life, Limits: limits, LimitsA: limitsA, LimitsB: limitsB, Strangers: strangers, Labels: d.Labels, HoursA: hoursA, HoursB: hoursB, Hook: d.Hook, Locales: locales,
	}, nil
}

func (d Draft) numbers(field string, written []PlainNumber) ([]mapping.Number, error) {
	numbers := make([]mapping.Number, 0, len(written))
	for i, w := range written {
		n, err := d.number(fmt.Sprintf("%s[%d]", field, i), w)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func (d Draft) number(field string, written PlainNumber) (n mapping.Number, err error) {
	e164, no := normalise(written)
	if no != nil {
		return n, invalidField(field, no.code, no.reason)
	}
	if named := d.names(e164); named != "" {
		return n, invalidField(named, "holds_number", "holds a party's number, which would be shown and logged elsewhere: use a name of your own")
	}
	if n, err = mapping.ParseNumber(e164); err != nil {
		return n, invalidField(field, "not_e164", err.Error())
	}
	return n, nil
}

// tellingDigits are the last digits of a number that no name may hold: as many as a
// number has without its country code, or nearly so. Fewer would be in too many names
// by chance, of which an integrator makes a million a day.
const tellingDigits = 9

// names returns the free text of the draft that holds the number, if one does.
// Integrators like to use a customer's number as an external id, and that one
// is shown to everybody.
func (d Draft) names(e164 string) string {
	whole := strings.TrimPrefix(e164, "+")
	digits := whole[max(0, len(whole)-tellingDigits):]
	if strings.Contains(onlyDigits(d.ExternalID), digits) {
		return "external_id"
	}
	for field, party := range map[string]DraftParty{"parties.a.prefer": d.Parties.A, "parties.b.prefer": d.Parties.B} {
		for _, prefer := range party.Prefer {
			if onlyDigits(string(prefer)) == whole {
				return field
			}
		}
	}
	for key, value := range d.Labels {
		if strings.Contains(onlyDigits(key), digits) || strings.Contains(onlyDigits(value), digits) {
			return "labels"
		}
	}
	return ""
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
