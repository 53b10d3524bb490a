package dialplan

import "strings"

// Write returns a number, given in E.164 with its plus, as it is written on
// this trunk.
func (p *Plan) Write(e164 string) string {
	digits := strings.TrimPrefix(e164, "+")
	switch p.Form {
	case Digits:
		return digits
	case International:
		return p.InternationalPrefix + digits
	case National:
		return p.national(digits)
	default:
		return e164
	}
}

// Dial returns a number as it is dialled on this trunk: as it is written, behind
// the prefix that was agreed with the carrier.
func (p *Plan) Dial(e164 string) string { return p.TechPrefix + p.Write(e164) }

// national writes a number of the trunk's country without its country code. One
// that would then be read as a number abroad keeps it.
func (p *Plan) national(digits string) string {
	if number, ok := cut(digits, p.Country); ok {
		if number = p.TrunkPrefix + number; p.local(number) == "+"+digits {
			return number
		}
	}
	if p.InternationalPrefix == "" {
		return "+" + digits
	}
	return p.InternationalPrefix + digits
}
