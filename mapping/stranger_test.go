package mapping_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

func extension(t testing.TB, digits string) mapping.ExtensionNumber {
	t.Helper()
	e, err := mapping.ParseExtension(digits)
	if err != nil {
		t.Fatalf("parse extension: %v", err)
	}
	return e
}

// lone is a draft of party A and strangers, with its defaults.
func lone(t testing.TB, mode mapping.Mode, change ...func(*mapping.Draft)) mapping.Draft {
	d := mapping.Draft{Mode: mode, A: []mapping.Number{number(t, "+4915112345678"), number(t, "+4915112345679")}}
	for _, c := range change {
		c(&d)
	}
	return d.WithDefaults()
}

func TestADraftOfOnePartyNamesFieldAndCode(t *testing.T) {
	other := number(t, "+919812345678")
	for name, test := range map[string]struct {
		mode        mapping.Mode
		change      func(*mapping.Draft)
		field, code string
	}{
		"a party B":                        {mapping.ModeOpen, func(d *mapping.Draft) { d.B = []mapping.Number{other} }, "parties.b.numbers", "not_allowed"},
		"a wish of B":                      {mapping.ModeOpen, func(d *mapping.Draft) { d.WishB.Strict = true }, "parties.b.prefer", "not_allowed"},
		"a PIN of B":                       {mapping.ModeExtension, func(d *mapping.Draft) { d.PINB.Draw = true }, "parties.b.pin", "not_allowed"},
		"hours of B":                       {mapping.ModeOpen, func(d *mapping.Draft) { d.HoursB.Schedule = &mapping.Schedule{} }, "parties.b.schedule", "not_allowed"},
		"two DIDs":                         {mapping.ModeOpen, func(d *mapping.Draft) { d.Numbering = mapping.NumberingPerParty }, "numbering", "not_allowed"},
		"no party A":                       {mapping.ModeOpen, func(d *mapping.Draft) { d.A = nil }, "parties.a.numbers", "missing"},
		"an extension where none is asked": {mapping.ModeOpen, func(d *mapping.Draft) { d.Strangers.Extension = extension(t, "4711") }, "parties.a.extension", "not_allowed"},
		"hidden numbers where all key in":  {mapping.ModeExtension, func(d *mapping.Draft) { d.Strangers.Withheld = mapping.WithheldRefuse }, "withheld", "not_allowed"},
		"a number for no fallback":         {mapping.ModeOpen, func(d *mapping.Draft) { d.Strangers.Fallback = other }, "callback_number", "not_allowed"},
		"a fallback to nobody":             {mapping.ModeOpen, func(d *mapping.Draft) { d.Strangers.Callback = mapping.CallbackFallback }, "callback_number", "missing"},
		"a fallback to A itself": {mapping.ModeOpen, func(d *mapping.Draft) {
			d.Strangers.Callback, d.Strangers.Fallback = mapping.CallbackFallback, d.A[1]
		}, "callback_number", "same_party"},
		"a fallback to us": {mapping.ModeOpen, func(d *mapping.Draft) {
			d.Strangers.Callback, d.Strangers.Fallback = mapping.CallbackFallback, number(t, ownDID)
		}, "callback_number", "own_did"},
		"strangers of a pair": {mapping.ModePair, func(d *mapping.Draft) {
			d.B, d.Strangers.Callback = []mapping.Number{other}, mapping.CallbackRefuse
		}, "mode", "not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			var invalid *mapping.InvalidError
			err := lone(t, test.mode, test.change).Validate(owned)
			if !errors.As(err, &invalid) || invalid.Field != test.field || invalid.Code != test.code || shows(invalid.Error()) {
				t.Errorf("got %v, want %s %s", err, test.field, test.code)
			}
		})
	}
}

func TestADraftOfOnePartyIsTakenWithItsDefaults(t *testing.T) {
	for _, mode := range []mapping.Mode{mapping.ModeOpen, mapping.ModeExtension} {
		d := lone(t, mode)
		if err := d.Validate(owned); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if d.Numbering != mapping.NumberingShared || d.Strangers.Callback != mapping.CallbackLastCaller || d.Strangers.Withheld != mapping.WithheldConnect {
			t.Errorf("%s: %s, %s, %s", mode, d.Numbering, d.Strangers.Callback, d.Strangers.Withheld)
		}
		i := d.Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
		if !d.Matches(&i) || i.Strangers != d.Strangers {
			t.Errorf("%s: what is made does not match", mode)
		}
	}
}

func TestWhoIsOnWhichSideOfAnOpenDID(t *testing.T) {
	d := lone(t, mapping.ModeOpen)
	open := d.Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
	hiding := open
	hiding.Strangers.Withheld = mapping.WithheldRefuse
	keyed := open
	keyed.Mode = mapping.ModeExtension
	stranger, nobody := number(t, "+919812345678"), mapping.Number{}
	for name, test := range map[string]struct {
		i      mapping.Interaction
		did    mapping.DID
		caller mapping.Number
		want   mapping.Side
	}{
		"A":                                {open, "+15550100001", d.A[0], mapping.SideA},
		"A, by another number":             {open, "+15550100001", d.A[1], mapping.SideA},
		"a stranger":                       {open, "+15550100001", stranger, mapping.SideB},
		"a stranger on another DID":        {open, "+15550100002", stranger, 0},
		"one who hides":                    {open, "+15550100001", nobody, mapping.SideB},
		"one who hides and may not":        {hiding, "+15550100001", nobody, 0},
		"a stranger where another hides":   {hiding, "+15550100001", stranger, mapping.SideB},
		"a stranger who has keyed nothing": {keyed, "+15550100001", stranger, 0},
	} {
		if got := test.i.SideOf(test.did, test.caller); got != test.want {
			t.Errorf("%s is on side %q", name, got)
		}
	}
}

func TestWhomACallIsFor(t *testing.T) {
	first, second := number(t, "+919812345678"), number(t, "+447700900123")
	i := lone(t, mapping.ModeOpen).Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
	if got := i.Reached(mapping.SideB); !slices.Equal(got, i.A.Numbers) {
		t.Errorf("a stranger reaches %d numbers", len(got))
	}
	back := func(want ...mapping.Number) {
		t.Helper()
		if got := i.Reached(mapping.SideA); !slices.Equal(got, want) {
			t.Errorf("A reaches %d numbers, want %d", len(got), len(want))
		}
	}
	call := func(by mapping.Number, after time.Duration, want bool) {
		t.Helper()
		var changed bool
		if i, changed = i.Called(mapping.ID{1}, by, noon.Add(after)); changed != want {
			t.Errorf("a call after %v changed it: %t", after, changed)
		}
	}
	back()
	call(first, 2*time.Minute, true)
	back(first)
	call(second, time.Minute, false) // it began before
	call(second, 2*time.Minute, false)
	back(first)
	call(second, 3*time.Minute, true)
	back(second)
	call(mapping.Number{}, 4*time.Minute, true)
	back()
	call(first, 25*time.Hour, false) // expired
	i.Strangers.Callback, i.Strangers.Fallback = mapping.CallbackFallback, second
	call(first, 5*time.Minute, false)
	back(second)
	i.Strangers.Callback = mapping.CallbackRefuse
	back()
	pair := good(t).Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
	if _, changed := pair.Called(mapping.ID{1}, first, noon.Add(2*time.Hour)); changed || !slices.Equal(pair.Reached(mapping.SideA), pair.B.Numbers) {
		t.Error("a pair has strangers")
	}
}

func TestCredit(t *testing.T) {
	const burst, every = 5, time.Minute
	spend := func(a mapping.Credit, at time.Time) (mapping.Credit, int) {
		for n := 0; ; n++ {
			next, ok := a.Spend(burst, every, at)
			if !ok {
				return a, n
			}
			a = next
		}
	}
	a, n := spend(mapping.Credit{}, noon)
	if n != burst || a.Whole(noon) {
		t.Errorf("%d at once", n)
	}
	if _, ok := a.Return(every).Spend(burst, every, noon); !ok {
		t.Error("what was given back can't be had")
	}
	a, n = spend(a, noon.Add(every))
	if n != 1 {
		t.Errorf("%d more after an interval", n)
	}
	a, n = spend(a, noon.Add(every+3*every))
	if n != 3 {
		t.Errorf("%d more after three", n)
	}
	late := noon.Add(24 * time.Hour)
	if _, n = spend(a, late); n != burst || !a.Whole(late) {
		t.Errorf("%d at once when all of it is back", n)
	}
}

// Who goes through the extensions by a trunk is looked at so often in a day.
func TestAnExtensionIsNotFoundQuickly(t *testing.T) {
	var a mapping.Credit
	looked := 0
	for at := noon; at.Before(noon.Add(24 * time.Hour)); at = at.Add(time.Second) {
		for ok := true; ok; {
			if a, ok = a.Spend(mapping.ExtensionBurst, mapping.ExtensionEvery, at); ok {
				looked++
			}
		}
	}
	if looked > 2_950 {
		t.Errorf("%d extensions are looked at in a day", looked)
	}
}
