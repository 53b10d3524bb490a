package admin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"maskd/mapping"
)

func TestNumbersAreNormalised(t *testing.T) {
	for _, test := range []struct{ written, want string }{
		{"+15550100007", "+15550100007"},
		{"+919876543210", "+919876543210"},
		{"  +1 (555) 010-0007 ", "+15550100007"},
		{"+1.555.010.0007", "+15550100007"},
		{"+1\u00a0555\u2011010\u20130007", "+15550100007"},
		{"tel:+1-555-010-0007", "+15550100007"},
		{"TEL:+15550100007", "+15550100007"},
		{"+44 (0)20 7946 0958", "+442079460958"}, // the national zero is not dialled from abroad
		{"+39 06 698 12345", "+390669812345"},    // but Italy's is
	} {
		got, no := normalise(PlainNumber(test.written))
		if no != nil || got != test.want {
			t.Errorf("%q = %q, %v; want %q", test.written, got, no, test.want)
		}
	}
}

func TestNumbersAreRefusedWithAReason(t *testing.T) {
	for _, test := range []struct {
		name, written string
		want          *refusal
	}{
		{"nothing", "", numberEmpty},
		{"separators alone", " ()-", numberEmpty},
		{"scheme alone", "tel:", numberEmpty},
		{"international prefix", "0049 30 901820", numberDialled},
		{"national", "030 901820", numberNational},
		{"plus forgotten", "15550100007", numberNational},
		{"plus alone", "+", numberShape},
		{"letters", "+1800FLOWERS", numberShape},
		{"two pluses", "++15550100007", numberShape},
		{"digits of another script", "+١٥٥٥٠١٠٠٠٠٧", numberShape},
		{"control character", "+1555010\x000007", numberShape},
		{"extension", "+15550100007 x12", numberExtension},
		{"parameter", "tel:+15550100007;ext=12", numberExtension},
		{"pause", "+15550100007,,1", numberExtension},
		{"no such country", "+999123456789", numberCountry},
		{"country code zero", "+0123456789", numberCountry},
		{"six digits", "+123456", numberShort},
		{"without area code", "+15550107", numberShort},
		{"too short", "+155501000", numberShort},
		{"too long for its country", "+155501000071", numberLong},
		{"too long for any", "+1234567890123456789", numberLong},
		{"national prefix twice", "+200000000000", numberPlan},
		{"emergency", "112", numberEmergency},
		{"emergency, with a plus", "+1-1-2", numberEmergency},
		{"emergency of the antipodes", "000", numberEmergency},
		{"short code", "12345", numberNational},
		{"emergency of a country", "+1911", numberShort},
		{"emergency of seven digits", "+3538" + "112", numberShort},
		{"premium rate, North America", "+19002345678", numberPremium},
		{"premium rate, United Kingdom", "+449012345678", numberPremium},
		{"international premium rate", "+979123456789", numberStateless},
		{"satellite", "+881612345678", numberStateless},
		{"Inmarsat", "+870773111632", numberStateless},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, no := normalise(PlainNumber(test.written))
			if no != test.want {
				t.Fatalf("%q = %q, %+v; want %+v", test.written, got, no, test.want)
			}
		})
	}
}

// The reason goes to people and into their logs.
func TestNoReasonHasADigitOfANumber(t *testing.T) {
	for _, written := range []string{"+19002345678", "0049 30 901820", "+155501000071", "+155501"} {
		_, no := normalise(PlainNumber(written))
		if no == nil || strings.Contains(no.reason, strings.TrimLeft(written, "+0")[:4]) {
			t.Errorf("reason = %+v", no)
		}
	}
}

// An ordinary number of every country is taken.
func TestEveryCountryIsTaken(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE} {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			want := phonenumbers.Format(example, phonenumbers.E164)
			if _, err := mapping.ParseNumber(want); err != nil {
				continue // four and five digit subscribers of small islands
			}
			if got, no := normalise(PlainNumber(want)); no != nil || got != want {
				t.Errorf("%s: %s = %q, %+v", region, want, got, no)
			}
		}
	}
}

func TestAPlainNumberDoesNotPrint(t *testing.T) {
	n := PlainNumber("+15550100007")
	draft := Draft{Parties: DraftParties{A: DraftParty{Numbers: []PlainNumber{n}}}}
	for _, verb := range []string{"%v", "%s", "%q", "%+v", "%#v", "%x", "%d"} {
		if text := fmt.Sprintf(verb+verb, n, draft); strings.Contains(text, "5550100007") || strings.Contains(text, "353535") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"+15550100007", "tel:+1 (555) 010-0007", "0049", "+44 (0)20", "+979"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		e164, no := normalise(PlainNumber(written))
		if (e164 == "") == (no == nil) {
			t.Fatalf("%q = %q, %v", written, e164, no)
		}
		if no != nil {
			return
		}
		if again, no := normalise(PlainNumber(e164)); no != nil || again != e164 {
			t.Errorf("normalising %q again gives %q, %v", e164, again, no)
		}
	})
}
