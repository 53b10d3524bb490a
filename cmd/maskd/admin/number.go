package admin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"maskd/mapping"
	"maskd/sip/dialplan"
)

// PlainNumber is a number in clear, as a person or a program wrote it. It is
// JSON on its way in; printed, it says nothing.
type PlainNumber string

// String says nothing of the number.
func (PlainNumber) String() string { return "(number)" }

// Format says nothing of the number, whatever the verb.
func (n PlainNumber) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(n.String())) }

// noCountry is what the numbering plan calls the region of numbers that belong
// to no country: satellites, shared cost, premium rate (ITU-T E.164 annex A).
const noCountry = "001"

// separators are what people put between digits. The no-break and thin spaces
// come with numbers copied from pages.
var separators = strings.NewReplacer(
	" ", "", "\t", "", "\u00a0", "", "\u2009", "", "\u202f", "",
	".", "", "-", "", "\u2010", "", "\u2011", "", "\u2013", "", "(", "", ")", "",
)

// refusal is why a number is not taken. It never quotes the number.
type refusal struct{ code, reason string }

var (
	numberEmpty     = &refusal{"empty", "expected a number with + and country code"}
	numberDialled   = &refusal{"international_prefix", "begins with 00: write + and the country code instead"}
	numberNational  = &refusal{"no_country_code", "has no country code: write + and the country code first"}
	numberExtension = &refusal{"extension", "has an extension or a parameter, which no trunk can dial: leave it out"}
	numberShape     = &refusal{"not_digits", "has a character that is neither a digit nor a separator"}
	numberCountry   = &refusal{"unknown_country", "its country code belongs to no country"}
	numberShort     = &refusal{"too_short", "is too short for its country: service codes are never masked"}
	numberLong      = &refusal{"too_long", "is too long for its country"}
	numberPlan      = &refusal{"not_in_plan", "is no number of its country's numbering plan"}
	numberService   = &refusal{"short_code", "is a short code: service codes are never masked"}
	numberEmergency = &refusal{"emergency", "is an emergency number, which is never masked"}
	numberPremium   = &refusal{"premium_rate", "is a premium-rate number, which is never called"}
	numberStateless = &refusal{"no_country", "is a satellite or other number of no country, which is never called"}
)

// normalise reads a number as people write it and returns it in E.164, or why
// it is not taken. Possible is enough: whether a number is in service nobody
// can tell from its digits, and numbering plans grow faster than tables.
func normalise(written PlainNumber) (e164 string, no *refusal) {
	s := strings.TrimSpace(string(written))
	if len(s) >= 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	if strings.ContainsAny(s, ";,#*xX") {
		return "", numberExtension
	}
	s = separators.Replace(s)
	switch {
	case s == "":
		return "", numberEmpty
	case dialplan.ServiceOf(s) == dialplan.Emergency:
		return "", numberEmergency
	case strings.HasPrefix(s, "00"):
		return "", numberDialled
	case isDigits(s):
		return "", numberNational
	case s[0] != '+' || !isDigits(s[1:]):
		return "", numberShape
	}
	return settle(s)
}

// isDigits reports whether a text is digits and nothing else. The library would also
// take letters and extensions, which no trunk can dial.
func isDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// settle takes a number that stays as it is when it is read again. The library
// takes one national prefix away at a time, and what begins with several is no
// number that a carrier would ever show us as a caller.
func settle(s string) (e164 string, no *refusal) {
	once, no := consult(s)
	if no != nil || once == s {
		return once, no
	}
	twice, no := consult(once)
	if no == nil && twice != once {
		return "", numberPlan
	}
	return twice, no
}

// consult asks the numbering plans about + and digits.
func consult(s string) (e164 string, no *refusal) {
	if _, err := mapping.ParseNumber(s); errors.Is(err, mapping.ErrNumberShort) {
		return "", numberShort
	}
	n, err := phonenumbers.Parse(s, "")
	if errors.Is(err, phonenumbers.ErrNumTooLong) {
		return "", numberLong
	}
	if err != nil {
		return "", numberCountry
	}
	region := phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	if region == noCountry {
		return "", numberStateless
	}
	if no := refuseKind(n); no != nil {
		return "", no
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.IS_POSSIBLE:
		return phonenumbers.Format(n, phonenumbers.E164), nil
	case phonenumbers.INVALID_COUNTRY_CODE:
		return "", numberCountry
	case phonenumbers.TOO_LONG:
		return "", numberLong
	default:
		return "", numberShort
	}
}

// longestEmergency is how many digits an emergency number has at most, in any
// country. Nearly all numbers are longer, and are spared a look into the table
// of every region of their country.
const longestEmergency = 5

// refuseKind names the kinds of number that are never dialled.
func refuseKind(n *phonenumbers.PhoneNumber) *refusal {
	national := phonenumbers.GetNationalSignificantNumber(n)
	if len(national) <= longestEmergency && isEmergency(n, national) {
		return numberEmergency
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.PREMIUM_RATE:
		return numberPremium
	case phonenumbers.UNKNOWN: // no valid number
		if phonenumbers.IsValidShortNumber(n) {
			return numberService
		}
	}
	return nil
}

func isEmergency(n *phonenumbers.PhoneNumber, national string) bool {
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(int(n.GetCountryCode())) {
		if phonenumbers.IsEmergencyNumber(national, region) {
			return true
		}
	}
	return false
}
