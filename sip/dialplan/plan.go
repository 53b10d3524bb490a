package dialplan

import (
	"errors"
	"strings"
)

// Plan is how numbers are written on a trunk, in both directions. The zero Plan
// reads no number.
type Plan struct {
	Form                Form   // how we write a number
	Bare                Bare   // what digits without any prefix are
	Country             string // the trunk's country code: "44"
	TrunkPrefix         string // before a national number: "0" in 07700 900123
	InternationalPrefix string // before a country code: "00" in 0044 7700 900123
	TechPrefix          string // before all that we dial, by agreement with the carrier
}

// Form is how a number is written.
type Form uint8

// The forms.
const (
	Plus          Form = iota + 1 // +447700900123
	Digits                        // 447700900123
	International                 // 00447700900123
	National                      // 07700900123; abroad as International, or as Plus where there is no prefix
)

// String names the form as the configuration does.
func (f Form) String() string {
	switch f {
	case Plus:
		return "plus"
	case Digits:
		return "digits"
	case International:
		return "international"
	case National:
		return "national"
	default:
		return ""
	}
}

// Bare is what digits are that have neither a plus, nor a prefix, nor a context.
type Bare uint8

// The meanings of bare digits.
const (
	BareE164     Bare = iota + 1 // 447700900123: E.164 without its plus
	BareNational                 // 7700900123: a national number without its trunk prefix
	BareRefused                  // nothing
)

// String names the meaning as the configuration does.
func (b Bare) String() string {
	switch b {
	case BareE164:
		return "e164"
	case BareNational:
		return "national"
	case BareRefused:
		return "refuse"
	default:
		return ""
	}
}

// E164 is the plan of a trunk on which numbers are written in E.164 with the
// plus, though the carrier may leave it out.
func E164() Plan { return Plan{Form: Plus, Bare: BareE164} }

// Why a plan can't be.
var (
	ErrForm          = errors.New("no form of numbers, or no meaning of bare digits")
	ErrCountry       = errors.New("country code is not one to three digits, the first not 0")
	ErrPrefix        = errors.New("prefix is not one to five digits")
	ErrTechPrefix    = errors.New("tech prefix is not one to ten digits and asterisks")
	ErrNoCountry     = errors.New("a national number needs a country code")
	ErrNoAbroad      = errors.New("an international number needs an international prefix")
	ErrTechPlus      = errors.New("a tech prefix can't stand before a plus: international numbers need another form")
	ErrSamePrefix    = errors.New("trunk prefix begins with the international prefix")
	ErrBareAmbiguous = errors.New("bare digits in E.164 can't be told from a prefix that does not begin with 0")
	ErrWrittenBare   = errors.New("numbers are written without a prefix, and bare digits mean something else")
)

// Validate reports the first thing about the plan that can't be. What it lets
// pass reads each number that it writes.
func (p *Plan) Validate() error {
	switch {
	case p.Form.String() == "" || p.Bare.String() == "":
		return ErrForm
	case p.Country != "" && (len(p.Country) > 3 || p.Country[0] == '0' || !isDigits(p.Country)):
		return ErrCountry
	case !isPrefix(p.TrunkPrefix) || !isPrefix(p.InternationalPrefix):
		return ErrPrefix
	case len(p.TechPrefix) > 10 || strings.Trim(p.TechPrefix, "0123456789*") != "":
		return ErrTechPrefix
	}
	return p.validateWhole()
}

// validateWhole reports whether the parts fit each other.
func (p *Plan) validateWhole() error {
	abroad := p.InternationalPrefix != ""
	switch {
	case p.Country == "" && (p.Form == National || p.Bare == BareNational || p.TrunkPrefix != ""):
		return ErrNoCountry
	case p.Form == International && !abroad:
		return ErrNoAbroad
	case p.TechPrefix != "" && (p.Form == Plus || p.Form == National && !abroad):
		return ErrTechPlus
	case abroad && strings.HasPrefix(p.TrunkPrefix, p.InternationalPrefix):
		return ErrSamePrefix
	case p.Bare == BareE164 && (isCountry(p.TrunkPrefix) || isCountry(p.InternationalPrefix)):
		return ErrBareAmbiguous
	case p.Form == Digits && p.Bare != BareE164, p.Form == National && p.TrunkPrefix == "" && p.Bare != BareNational:
		return ErrWrittenBare
	default:
		return nil
	}
}

func isPrefix(s string) bool { return len(s) <= 5 && isDigits(s) }

// isCountry reports whether a number in E.164 could begin so: no country code
// begins with 0 (ITU-T E.164 annex D).
func isCountry(prefix string) bool { return prefix != "" && prefix[0] != '0' }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
