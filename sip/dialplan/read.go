package dialplan

import "strings"

// Bounds of a number in E.164. No subscriber has fewer than seven digits:
// shorter ones are service codes.
const (
	minDigits = 7
	maxDigits = 15
)

// Read returns the number that a telephone-subscriber names on this trunk, in
// E.164 with its plus; empty if it names none. Parameters do not change which
// number it is, but for the context of a local one: npdi, rn and cic (RFC 4694)
// say how the call came here, which is nobody's business.
func (p *Plan) Read(subscriber string) string {
	if p.Bare == 0 {
		return ""
	}
	if isE164(subscriber) {
		return subscriber
	}
	number, _, _ := strings.Cut(subscriber, ";")
	s, ok := spell(number)
	if !ok {
		return ""
	}
	digits := s.text()
	if s.global {
		return e164("", digits)
	}
	context, times := Parameter(subscriber, "phone-context")
	switch {
	case strings.Trim(digits, "0") == "": // 0000: a caller who is withheld
		return ""
	case times == 0:
		return p.local(digits)
	case times == 1:
		return p.complete(context, digits)
	default:
		return ""
	}
}

// local reads digits that have nothing but the trunk to say what they are.
func (p *Plan) local(digits string) string {
	if rest, ok := cut(digits, p.InternationalPrefix); ok {
		return e164("", rest)
	}
	if national, ok := cut(digits, p.TrunkPrefix); ok {
		return e164(p.Country, national)
	}
	switch p.Bare {
	case BareE164:
		return e164("", digits)
	case BareNational:
		return e164(p.Country, digits)
	default:
		return ""
	}
}

// complete reads a local number whose context is a global one: its beginning
// (RFC 3966 section 5.1.5). A context that is a domain means something to
// whoever owns the domain. A zero is taken for the trunk prefix only where it
// is known to be one; in Italy it is part of the number.
func (p *Plan) complete(context, digits string) string {
	global, ok := spell(context)
	if !ok || !global.global {
		return ""
	}
	country := global.text()
	home := country == p.Country
	if _, abroad := cut(digits, p.InternationalPrefix); abroad {
		return ""
	}
	if national, ok := cut(digits, p.TrunkPrefix); ok && home {
		digits = national
	}
	if strings.HasPrefix(digits, "0") && !(home && p.TrunkPrefix == "") {
		return ""
	}
	return e164(country, digits)
}

// cut is strings.CutPrefix, for which no prefix is one that nothing has.
func cut(s, prefix string) (string, bool) {
	if prefix == "" {
		return s, false
	}
	return strings.CutPrefix(s, prefix)
}

// e164 joins a country code and a national number; empty if that is no number.
func e164(country, national string) string {
	if national == "" {
		return ""
	}
	if number := "+" + country + national; isE164(number) {
		return number
	}
	return ""
}

// isE164 reports whether the text is a plus and 7 to 15 digits, the first not 0.
func isE164(s string) bool {
	if len(s) < 1+minDigits || len(s) > 1+maxDigits || s[0] != '+' || s[1] == '0' {
		return false
	}
	return isDigits(s[1:])
}
