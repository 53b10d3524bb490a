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
	draft, err := d.whole()
	if err != nil {
		return mapping.Draft{}, err
	}
	a, err := d.end("parties.a", d.Parties.A)
	if err != nil {
		return mapping.Draft{}, err
	}
	b, err := d.end("parties.b", d.Parties.B)
	if err != nil {
		return mapping.Draft{}, err
	}
	draft.A, draft.WishA, draft.HuntA, draft.PINA, draft.HoursA, draft.LimitsA = a.numbers, a.wish, a.hunt, a.pin, a.hours, a.limits
	draft.B, draft.WishB, draft.HuntB, draft.PINB, draft.HoursB, draft.LimitsB = b.numbers, b.wish, b.hunt, b.pin, b.hours, b.limits
	draft.Locales = mapping.Locales{A: a.locale, B: b.locale}
	draft.Strangers, err = d.strangers()
	return draft, err
}

// whole returns what the draft says of neither party.
func (d Draft) whole() (draft mapping.Draft, err error) {
	draft = mapping.Draft{ExternalID: d.ExternalID, Pool: d.Pool, Labels: d.Labels, Hook: d.Hook}
	var ok bool
	if draft.Mode, ok = mapping.ParseMode(d.Mode); !ok {
		return draft, invalidField("mode", "unknown", "expected pair, open or extension")
	}
	if draft.Numbering, ok = mapping.ParseNumbering(d.Numbering); !ok {
		return draft, invalidField("numbering", "unknown", "expected per_party or shared")
	}
	if draft.Mode.OneSided() && d.Numbering == "" {
		draft.Numbering = mapping.NumberingShared
	}
	if draft.Sticky, ok = mapping.ParseSticky(d.Sticky); !ok {
		return draft, invalidField("sticky", "unknown", "expected off, prefer, avoid or pin")
	}
	if draft.Direction, ok = mapping.ParseDirection(d.Direction); !ok {
		return draft, invalidField("direction", "unknown", "expected both, a_to_b or b_to_a")
	}
	if draft.Record, ok = mapping.ParseRecording(d.Record); !ok {
		return draft, invalidField("record", "unknown", "expected off, agreed, announce, opt_in or opt_out")
	}
	if draft.TTL, err = span("ttl_seconds", d.TTLSeconds, mapping.MinTTL, mapping.MaxTTL, "from 60 (a minute) to 31622400 (366 days)"); err != nil {
		return draft, err
	}
	if draft.Life, err = d.DraftLife.domain(); err != nil {
		return draft, err
	}
	draft.Limits, err = d.Limits.domain()
	return draft, err
}

// draftedEnd is what a draft says of one party.
type draftedEnd struct {
	numbers []mapping.Number
	wish    mapping.Wish
	hunt    mapping.Hunt
	pin     mapping.PINWish
	hours   mapping.Hours
	limits  mapping.PartyLimits
	locale  mapping.Locale
}

func (d Draft) end(field string, p DraftParty) (e draftedEnd, err error) {
	e.wish = p.wish()
	if e.numbers, err = d.numbers(field+".numbers", p.Numbers); err != nil {
		return e, err
	}
	if e.hunt, err = d.hunt(field, p.DraftHunt); err != nil {
		return e, err
	}
	if e.pin, err = p.pin(field + ".pin"); err != nil {
		return e, err
	}
	if e.hours, err = p.Hours.domain(field); err != nil {
		return e, err
	}
	if e.limits, err = p.PartyLimits.domain(field); err != nil {
		return e, err
	}
	e.locale, err = locale(field, p.Locale)
	return e, err
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
