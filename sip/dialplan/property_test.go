package dialplan

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var shape = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// anyNumber draws a number, now and then one of the plan's country.
func anyNumber(t *rapid.T, p *Plan) string {
	number := rapid.StringMatching(`[1-9][0-9]{6,14}`).Draw(t, "number")
	if p.Country != "" && rapid.Bool().Draw(t, "at home") {
		number = p.Country + number
	}
	return "+" + number[:min(len(number), maxDigits)]
}

// anyPlan draws a plan that can be.
func anyPlan(t *rapid.T) *Plan {
	plan := rapid.Custom(func(t *rapid.T) Plan {
		return Plan{
			Form:                rapid.SampledFrom([]Form{Plus, Digits, International, National}).Draw(t, "form"),
			Bare:                rapid.SampledFrom([]Bare{BareE164, BareNational, BareRefused}).Draw(t, "bare"),
			Country:             rapid.SampledFrom([]string{"", "1", "44", "39", "7", "353"}).Draw(t, "country"),
			TrunkPrefix:         rapid.SampledFrom([]string{"", "0", "1", "8", "06"}).Draw(t, "trunk prefix"),
			InternationalPrefix: rapid.SampledFrom([]string{"", "00", "011", "810", "0"}).Draw(t, "international prefix"),
		}
	}).Filter(func(p Plan) bool { return p.Validate() == nil }).Draw(t, "plan")
	return &plan
}

// A plan reads each number that it writes.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		number := anyNumber(t, plan)
		if got := plan.Read(plan.Write(number)); got != number {
			t.Fatalf("%s is written %s and read as %q", number, plan.Write(number), got)
		}
	})
}

// However a number is spelled, it is read as that number or as none: a spelling
// that is another's would connect the wrong two.
func TestNoSpellingIsAnothersNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		number := anyNumber(t, plan)
		spelled := spelled(t, plan, number)
		if got := plan.Read(spelled); got != number && got != "" {
			t.Fatalf("%s, spelled %q, is read as %s", number, spelled, got)
		}
	})
}

// spelled draws a spelling: one of the plan's forms, dressed up.
func spelled(t *rapid.T, p *Plan, number string) string {
	forms := []string{number, p.Write(number)}
	for i := 2; i < min(len(number)-1, 5); i++ {
		if _, ambiguous := cut(number[i:], p.TrunkPrefix); !ambiguous { // no plan has a number that begins with its trunk prefix
			forms = append(forms, number[i:]+";phone-context="+number[:i])
		}
	}
	if p.Bare == BareE164 {
		forms = append(forms, number[1:])
	}
	if p.InternationalPrefix != "" {
		forms = append(forms, p.InternationalPrefix+number[1:])
	}
	subscriber, params, _ := strings.Cut(rapid.SampledFrom(forms).Draw(t, "form"), ";")
	var b strings.Builder
	for _, c := range []byte(subscriber) {
		switch rapid.IntRange(0, 5).Draw(t, "dress") {
		case 0:
			fmt.Fprintf(&b, "%%%02x", c)
		case 1:
			b.WriteByte(c)
			b.WriteString(rapid.SampledFrom([]string{"-", ".", "(", ")", "%2d"}).Draw(t, "separator"))
		default:
			b.WriteByte(c)
		}
	}
	tail := rapid.SampledFrom([]string{"", ";npdi", ";rn=+15550100", ";cic=+1-555", ";user=phone", ";ext=1"}).Draw(t, "tail")
	if params != "" {
		tail += ";" + params
	}
	return b.String() + tail
}

// Whatever is received, what is read is a number or nothing.
func FuzzRead(f *testing.F) {
	for _, row := range spellings {
		f.Add(row.written)
	}
	f.Fuzz(func(t *testing.T, written string) {
		for _, plan := range []*Plan{&plus, &strict, &digits, &international, &britain, &italy, &america, {}} {
			got := plan.Read(written)
			if got != "" && !shape.MatchString(got) {
				t.Errorf("%q is read as %q", written, got)
			}
		}
	})
}
