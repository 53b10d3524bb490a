package dialplan

import (
	"errors"
	"testing"
)

// The plans of the tests.
var (
	plus          = E164()
	strict        = Plan{Form: Plus, Bare: BareRefused}
	digits        = Plan{Form: Digits, Bare: BareE164}
	international = Plan{Form: International, Bare: BareE164, InternationalPrefix: "00"}
	britain       = Plan{Form: National, Bare: BareE164, Country: "44", TrunkPrefix: "0", InternationalPrefix: "00"}
	italy         = Plan{Form: National, Bare: BareNational, Country: "39", InternationalPrefix: "00"}
	america       = Plan{Form: National, Bare: BareNational, Country: "1", TrunkPrefix: "1", InternationalPrefix: "011"}
	wholesale     = Plan{Form: Digits, Bare: BareE164, TechPrefix: "7788*"}
)

func TestPlansOfTheTestsAreValid(t *testing.T) {
	for i, p := range []Plan{plus, strict, digits, international, britain, italy, america, wholesale} {
		if err := p.Validate(); err != nil {
			t.Errorf("plan %d: %v", i, err)
		}
	}
}

func TestAPlanThatCanNotBe(t *testing.T) {
	for _, row := range []struct {
		name string
		plan Plan
		want error
	}{
		{"nothing said", Plan{}, ErrForm},
		{"a form that is none", Plan{Form: 9, Bare: BareE164}, ErrForm},
		{"country with a plus", Plan{Form: Plus, Bare: BareE164, Country: "+44"}, ErrCountry},
		{"country that begins with 0", Plan{Form: Plus, Bare: BareE164, Country: "044"}, ErrCountry},
		{"country of four digits", Plan{Form: Plus, Bare: BareE164, Country: "4420"}, ErrCountry},
		{"prefix of letters", Plan{Form: Plus, Bare: BareE164, InternationalPrefix: "x"}, ErrPrefix},
		{"prefix of six digits", Plan{Form: Plus, Bare: BareE164, InternationalPrefix: "001122"}, ErrPrefix},
		{"tech prefix with a hash", Plan{Form: Digits, Bare: BareE164, TechPrefix: "12#"}, ErrTechPrefix},
		{"tech prefix before a plus", Plan{Form: Plus, Bare: BareE164, TechPrefix: "12"}, ErrTechPlus},
		{"tech prefix, abroad with a plus", Plan{Form: National, Bare: BareE164, Country: "44", TrunkPrefix: "0", TechPrefix: "12"}, ErrTechPlus},
		{"national without a country", Plan{Form: National, Bare: BareNational}, ErrNoCountry},
		{"bare national without a country", Plan{Form: Plus, Bare: BareNational}, ErrNoCountry},
		{"trunk prefix without a country", Plan{Form: Plus, Bare: BareE164, TrunkPrefix: "0"}, ErrNoCountry},
		{"international without a prefix", Plan{Form: International, Bare: BareE164}, ErrNoAbroad},
		{"one prefix for both", Plan{Form: Plus, Bare: BareE164, Country: "44", TrunkPrefix: "00", InternationalPrefix: "00"}, ErrSamePrefix},
		{"a prefix like a country code", Plan{Form: Plus, Bare: BareE164, InternationalPrefix: "810"}, ErrBareAmbiguous},
		{"trunk prefix 1 beside E.164", Plan{Form: Plus, Bare: BareE164, Country: "1", TrunkPrefix: "1"}, ErrBareAmbiguous},
		{"written bare, read as national", Plan{Form: Digits, Bare: BareNational, Country: "44"}, ErrWrittenBare},
		{"written national, read as E.164", Plan{Form: National, Bare: BareE164, Country: "44"}, ErrWrittenBare},
	} {
		if err := row.plan.Validate(); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestWordsOfAPlan(t *testing.T) {
	for f := Plus; f <= National; f++ {
		if f.String() == "" {
			t.Errorf("form %d has no name", f)
		}
	}
	for b := BareE164; b <= BareRefused; b++ {
		if b.String() == "" {
			t.Errorf("meaning %d has no name", b)
		}
	}
	if Form(0).String() != "" || Bare(0).String() != "" || Service(0).String() != "" {
		t.Error("nothing has a name")
	}
}
