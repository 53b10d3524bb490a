package mapping

import (
	"iter"
	"strings"
)

// Locale is a language and where it is spoken, as a tag of BCP 47 such as hi, hi-IN or
// zh-Hant-TW; what else a tag may say nobody records prompts by. The empty Locale is
// what is spoken to everybody.
type Locale string

// ParseLocale reads a tag and writes it as RFC 5646 section 2.1.1 has it: hi-IN. The
// empty text is the empty Locale.
func ParseLocale(s string) (Locale, bool) {
	if s == "" {
		return "", true
	}
	tags := strings.Split(s, "-")
	if n := len(tags[0]); n < 2 || n > 3 || !lettersOnly(tags[0]) {
		return "", false
	}
	tags[0] = strings.ToLower(tags[0])
	rest := tags[1:]
	if len(rest) > 0 && len(rest[0]) == 4 && lettersOnly(rest[0]) { // a script
		rest[0] = strings.ToUpper(rest[0][:1]) + strings.ToLower(rest[0][1:])
		rest = rest[1:]
	}
	if len(rest) > 0 && isRegion(rest[0]) {
		rest[0] = strings.ToUpper(rest[0])
		rest = rest[1:]
	}
	return Locale(strings.Join(tags, "-")), len(rest) == 0
}

// isRegion reports whether it is a country's two letters, or the three digits of a
// part of the world.
func isRegion(s string) bool {
	return len(s) == 2 && lettersOnly(s) || len(s) == 3 && strings.Trim(s, "0123456789") == ""
}

func lettersOnly(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' }) < 0
}

// Ranges are the locales in which something is sought that is to be said in this one,
// the best first and the empty one last (RFC 4647 section 3.4).
func (l Locale) Ranges() iter.Seq[Locale] {
	return func(yield func(Locale) bool) {
		for l != "" {
			if !yield(l) {
				return
			}
			l = l[:max(strings.LastIndexByte(string(l), '-'), 0)]
		}
		yield("")
	}
}

// Locales are those of the two parties.
type Locales struct {
	A, B Locale
}

// Of returns that of a side; the empty one for no side.
func (l Locales) Of(s Side) Locale {
	switch s {
	case SideA:
		return l.A
	case SideB:
		return l.B
	default:
		return ""
	}
}

// in fills in what a draft leaves to its pool.
func (l Locales) in(pool Locale) Locales {
	if l.A == "" {
		l.A = pool
	}
	if l.B == "" {
		l.B = pool
	}
	return l
}

func (l Locales) validate() error {
	for _, party := range []struct {
		name   string
		locale Locale
	}{{"parties.a", l.A}, {"parties.b", l.B}} {
		if read, ok := ParseLocale(string(party.locale)); !ok || read != party.locale {
			return invalid(party.name+".locale", "not_a_locale", "expected a language such as hi, hi-IN or zh-Hant-TW")
		}
	}
	return nil
}

// Locales returns those of the parties.
func (i *Interaction) Locales() Locales { return Locales{A: i.A.Locale, B: i.B.Locale} }
