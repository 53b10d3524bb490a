package mapping_test

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// group is an interaction in which B has two numbers.
func group(t testing.TB) mapping.Interaction {
	i := limited(t)
	i.A, i.B = mapping.Party{Numbers: many(t, 1), Hunt: mapping.Hunt{}.WithDefaults(1)}, mapping.Party{Numbers: many(t, 3)[1:], Hunt: mapping.Hunt{}.WithDefaults(2)}
	return i
}

func TestHowAPartyIsRungIsRevised(t *testing.T) {
	last, none := number(t, "+15550209999"), mapping.Number{}
	all, minute, usual, long := mapping.RingAll, time.Minute, time.Duration(0), 2*time.Minute
	own, theirs, i := number(t, ownDID), group(t).A.Numbers[0], group(t)
	mine := i.B.Numbers[1]
	for _, test := range []struct {
		name        string
		r           mapping.PartyRevision
		want        mapping.Hunt
		field, code string
	}{
		{name: "all at once", r: mapping.PartyRevision{Ring: &all}, want: mapping.Hunt{Ring: all, RingTime: mapping.DefaultTurn}},
		{name: "all at once for the usual time", r: mapping.PartyRevision{Ring: &all, RingTime: &usual}, want: mapping.Hunt{Ring: all, RingTime: mapping.DefaultRingTime}},
		{name: "each for a minute", r: mapping.PartyRevision{RingTime: &minute}, want: mapping.Hunt{Ring: mapping.RingSequence, RingTime: minute}},
		{name: "a fallback", r: mapping.PartyRevision{Fallback: &last}, want: mapping.Hunt{Ring: mapping.RingSequence, RingTime: mapping.DefaultTurn, Fallback: last}},
		{name: "no fallback", r: mapping.PartyRevision{Fallback: &none}, want: mapping.Hunt{Ring: mapping.RingSequence, RingTime: mapping.DefaultTurn}},
		{name: "for too long", r: mapping.PartyRevision{RingTime: &long}, field: "parties.b.ring_seconds", code: "out_of_range"},
		{name: "our own DID", r: mapping.PartyRevision{Fallback: &own}, field: "parties.b.fallback", code: "own_did"},
		{name: "the other's number", r: mapping.PartyRevision{Fallback: &theirs}, field: "parties.b.fallback", code: "same_party"},
		{name: "a number of its own", r: mapping.PartyRevision{Fallback: &mine}, field: "parties.b.fallback", code: "duplicate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := i.Revise(mapping.Revision{B: test.r}, owned, noon)
			if test.code != "" {
				refusedFor(t, err, test.field, test.code)
				return
			}
			if err != nil || got.B.Hunt != test.want || got.A.Hunt != i.A.Hunt {
				t.Errorf("%+v, %v", got.B.Hunt, err)
			}
		})
	}
}

// Hours that fall back need somebody to fall back to, whichever is changed first.
func TestAFallbackThatHoursNeedIsNotTakenAway(t *testing.T) {
	i, none := group(t), mapping.Number{}
	i.B.Hunt.Fallback = number(t, "+15550209999")
	i, err := i.WithHours(mapping.HoursChange{B: &mapping.Hours{Duties: []*mapping.Schedule{nil, shut(t, mapping.OtherwiseFallback)}}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = i.Revise(mapping.Revision{B: mapping.PartyRevision{Fallback: &none}}, owned, noon)
	refusedFor(t, err, "parties.b.fallback", "missing")
	if i, err = i.WithHours(mapping.HoursChange{B: &mapping.Hours{}}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err = i.Revise(mapping.Revision{B: mapping.PartyRevision{Fallback: &none}}, owned, noon); err != nil {
		t.Error(err)
	}
}

func TestModesAreRevised(t *testing.T) {
	aToB, refuse, hide, back := mapping.DirectionAToB, mapping.CallbackRefuse, mapping.WithheldRefuse, mapping.CallbackFallback
	last, quiet := number(t, "+15550209999"), true
	pair, open, keyed := limited(t), limited(t), limited(t)
	open.Mode, keyed.Mode = mapping.ModeOpen, mapping.ModeExtension
	for _, i := range []*mapping.Interaction{&open, &keyed} {
		i.B, i.Strangers = mapping.Party{}, mapping.Strangers{Withheld: mapping.WithheldConnect, Callback: mapping.CallbackLastCaller}
		i.LastCall = mapping.LastCall{Caller: last, At: noon}
	}
	if got, err := pair.Revise(mapping.Revision{Direction: &aToB}, owned, noon); err != nil || got.Direction != aToB {
		t.Errorf("direction %s, %v", got.Direction, err)
	}
	got, err := open.Revise(mapping.Revision{Strangers: mapping.StrangersRevision{Withheld: &hide, Callback: &refuse}}, owned, noon)
	if err != nil || got.Strangers.Withheld != hide || got.Strangers.Callback != refuse || !got.LastCall.Caller.IsZero() {
		t.Errorf("%+v, who called last %v, %v", got.Strangers, got.LastCall.Caller, err)
	}
	got, err = keyed.Revise(mapping.Revision{Strangers: mapping.StrangersRevision{Callback: &back, Fallback: &last}}, owned, noon)
	if err != nil || got.Strangers.Fallback != last {
		t.Errorf("%+v, %v", got.Strangers, err)
	}
	_, err = got.Revise(mapping.Revision{A: mapping.PartyRevision{Fallback: &last}}, owned, noon)
	refusedFor(t, err, "callback_number", "same_party")
	if got, err = got.Revise(mapping.Revision{Strangers: mapping.StrangersRevision{Callback: &refuse}}, owned, noon); err != nil || !got.Strangers.Fallback.IsZero() {
		t.Errorf("who was called back is kept: %v", err)
	}
	for _, row := range []struct {
		i           mapping.Interaction
		r           mapping.Revision
		field, code string
	}{
		{pair, mapping.Revision{Strangers: mapping.StrangersRevision{Callback: &refuse}}, "mode", "not_allowed"},
		{keyed, mapping.Revision{Strangers: mapping.StrangersRevision{Withheld: &hide}}, "withheld", "not_allowed"},
		{open, mapping.Revision{B: mapping.PartyRevision{Quiet: &quiet}}, "parties.b", "not_allowed"},
		{open, mapping.Revision{Strangers: mapping.StrangersRevision{Callback: &back}}, "callback_number", "missing"},
		{open, mapping.Revision{Strangers: mapping.StrangersRevision{Callback: &back, Fallback: &open.A.Numbers[0]}}, "callback_number", "same_party"},
		{open, mapping.Revision{Strangers: mapping.StrangersRevision{Fallback: &last}}, "callback_number", "not_allowed"},
	} {
		_, err := row.i.Revise(row.r, owned, noon)
		refusedFor(t, err, row.field, row.code)
	}
	if _, err := open.Revise(mapping.Revision{Direction: &aToB}, owned, open.ExpiresAt); !errors.Is(err, mapping.ErrNotActive) {
		t.Errorf("revised after its end: %v", err)
	}
}
