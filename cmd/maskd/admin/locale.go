package admin

import "maskd/mapping"

// locale reads in which a party is spoken to.
func locale(party, text string) (mapping.Locale, error) {
	l, ok := mapping.ParseLocale(text)
	if !ok {
		return l, invalidField(party+".locale", "not_a_locale", "expected a language, such as hi, hi-IN or zh-Hant-TW")
	}
	return l, nil
}
