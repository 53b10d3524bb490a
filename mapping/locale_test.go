package mapping_test

import (
	"errors"
	"slices"
	"testing"

	"maskd/mapping"
)

func TestParseLocale(t *testing.T) {
	for text, want := range map[string]mapping.Locale{
		"": "", "hi": "hi", "HI-in": "hi-IN", "en-gb": "en-GB", "zh-hant-TW": "zh-Hant-TW", "zh-HANS": "zh-Hans",
		"es-419": "es-419", "yue-HK": "yue-HK",
	} {
		if got, ok := mapping.ParseLocale(text); !ok || got != want {
			t.Errorf("%q is read as %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"h", "hindi", "hi-", "-IN", "hi_IN", "hi-INDIA", "hi-IN-IN", "hi-IN-Deva", "91", "हि", "hi-4", "de-CH-1996", "hi IN"} {
		if got, ok := mapping.ParseLocale(text); ok {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

// Whatever is read is written so that it reads as itself.
func FuzzParseLocale(f *testing.F) {
	for _, text := range []string{"hi-IN", "zh-hant-tw", "es-419", "", "x-klingon"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, ok := mapping.ParseLocale(text)
		if !ok {
			return
		}
		if again, ok := mapping.ParseLocale(string(l)); !ok || again != l {
			t.Errorf("%q is read as %q, and that as %q, %v", text, l, again, ok)
		}
	})
}

func TestWhereSomethingToBeSaidIsSought(t *testing.T) {
	for locale, want := range map[mapping.Locale][]mapping.Locale{
		"": {""}, "hi": {"hi", ""}, "hi-IN": {"hi-IN", "hi", ""}, "zh-Hant-TW": {"zh-Hant-TW", "zh-Hant", "zh", ""},
	} {
		if got := slices.Collect(locale.Ranges()); !slices.Equal(got, want) {
			t.Errorf("%q is sought in %q, want %q", locale, got, want)
		}
	}
}

// A party's locale is its own, else its pool's; it can be changed while the
// interaction lives, and makes another request of a draft.
func TestWhatIsSpokenToAParty(t *testing.T) {
	d := mapping.Draft{A: []mapping.Number{number(t, "+919876543210")}, B: []mapping.Number{number(t, "+447700900123")}, Locales: mapping.Locales{A: "hi-IN"}}
	d = d.WithDefaults().In(mapping.Pool{Policy: mapping.Policy{Locale: "en-GB"}})
	i := d.Bind(mapping.ID{1}, "+15550100000", "+15550100001", noon)
	if want := (mapping.Locales{A: "hi-IN", B: "en-GB"}); i.Locales() != want {
		t.Errorf("they are spoken to in %v, want %v", i.Locales(), want)
	}
	if !d.Matches(&i) {
		t.Error("the interaction is not what its draft asks for")
	}
	french, none := mapping.Locale("fr"), mapping.Locale("")
	revised, err := i.Revise(mapping.Revision{A: mapping.PartyRevision{Locale: &none}, B: mapping.PartyRevision{Locale: &french}}, owned, noon)
	if want := (mapping.Locales{B: "fr"}); err != nil || revised.Locales() != want || revised.Locales().Of(mapping.SideB) != "fr" || revised.Locales().Of(0) != "" {
		t.Errorf("revised they are spoken to in %v, %v", revised.Locales(), err)
	}
	if d.Matches(&revised) {
		t.Error("a draft with other locales is the same request")
	}
	for _, locales := range []mapping.Locales{{A: "hi_IN"}, {B: "hi-in"}} {
		d.Locales = locales
		var invalid *mapping.InvalidError
		if err := d.Validate(func(mapping.Number) bool { return false }); !errors.As(err, &invalid) || invalid.Code != "not_a_locale" {
			t.Errorf("%v: %v", locales, err)
		}
		if _, err := i.Revise(mapping.Revision{A: mapping.PartyRevision{Locale: &locales.A}, B: mapping.PartyRevision{Locale: &locales.B}}, owned, noon); !errors.As(err, &invalid) {
			t.Errorf("revised to %v: %v", locales, err)
		}
	}
}
