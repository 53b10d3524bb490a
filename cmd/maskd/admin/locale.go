package admin

import "maskd/mapping"

// locales reads in which the parties are spoken to.
func (d Draft) locales() (l mapping.Locales, err error) {
	if l.A, err = locale("parties.a", d.Parties.A.Locale); err != nil {
		return l, err
	}
	l.B, err = locale("parties.b", d.Parties.B.Locale)
	return l, err
}

func locale(party, text string) (mapping.Locale, error) {
	l, ok := mapping.ParseLocale(text)
	if !ok {
		return l, invalidField(party+".locale", "not_a_locale", "expected a language, such as hi, hi-IN or zh-Hant-TW")
	}
	return l, nil
}
