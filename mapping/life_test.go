package mapping_test

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// lived is an interaction that was made at noon for an hour.
func lived(l mapping.Life) mapping.Interaction {
	d := mapping.Draft{TTL: time.Hour, Life: l}.WithDefaults()
	return d.Bind(mapping.ID{1}, "+15550100000", "+15550100001", noon)
}

func TestStatesOfALife(t *testing.T) {
	scheduled := lived(mapping.Life{StartsAt: noon.Add(time.Hour)})
	window := lived(mapping.Life{Callback: time.Minute}).Complete("", noon.Add(10*time.Minute))
	closed := window.Complete("", noon.Add(10*time.Minute+30*time.Second))
	late := lived(mapping.Life{Callback: time.Minute}).Complete("", noon.Add(2*time.Hour))
	tests := []struct {
		name     string
		in       mapping.Interaction
		at       time.Duration // after noon
		want     mapping.State
		holds    bool
		connects bool
	}{
		{"before its start", scheduled, time.Hour - 1, mapping.StateScheduled, true, false},
		{"at its start", scheduled, time.Hour, mapping.StateActive, true, true},
		{"its life counts from its start", scheduled, 2*time.Hour - 1, mapping.StateActive, true, true},
		{"and ends", scheduled, 2 * time.Hour, mapping.StateExpired, false, false},
		{"in its callback window", window, 11*time.Minute - 1, mapping.StateDraining, true, true},
		{"after its callback window", window, 11 * time.Minute, mapping.StateCompleted, false, false},
		{"completed again, before that", closed, 10 * time.Minute, mapping.StateDraining, true, true},
		{"completed again: no window any more", closed, 10*time.Minute + 30*time.Second, mapping.StateCompleted, false, false},
		{"completed when it had expired: no window", late, 2 * time.Hour, mapping.StateCompleted, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := noon.Add(tt.at)
			if got := tt.in.State(at); got != tt.want || tt.in.Holds(at) != tt.holds || tt.in.Connects(at) != tt.connects {
				t.Errorf("%v, holds %t, connects %t", got, tt.in.Holds(at), tt.in.Connects(at))
			}
			if tt.in.Holds(at) && !at.Before(tt.in.ConnectsUntil()) {
				t.Error("it holds its DIDs for longer than it says")
			}
		})
	}
}

// ends checks what came of asking for another end.
func ends(t *testing.T, name string, got mapping.Interaction, err error, want any) {
	t.Helper()
	var invalid *mapping.InvalidError
	switch want := want.(type) {
	case time.Duration:
		if err != nil || !got.ExpiresAt.Equal(noon.Add(want)) {
			t.Errorf("%s: ends %v after noon, %v", name, got.ExpiresAt.Sub(noon), err)
		}
	case error:
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	case string:
		if !errors.As(err, &invalid) || invalid.Field+" "+invalid.Code != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestExtend(t *testing.T) {
	open, limited := lived(mapping.Life{}), lived(mapping.Life{MaxTTL: 90 * time.Minute})
	waiting := lived(mapping.Life{StartsAt: noon.Add(time.Hour)})
	over := open.Complete("", noon)
	for _, tt := range []struct {
		name string
		in   mapping.Interaction
		e    mapping.Extension
		at   time.Duration
		want any // the new end after noon, an error, or field and code
	}{
		{"by a time from now", open, mapping.Extension{TTL: time.Hour}, 30 * time.Minute, 90 * time.Minute},
		{"to a time", open, mapping.Extension{ExpiresAt: noon.Add(5 * time.Hour)}, 0, 5 * time.Hour},
		{"in its last moment", open, mapping.Extension{TTL: time.Hour}, time.Hour - 1, 2*time.Hour - 1},
		{"before its start", waiting, mapping.Extension{ExpiresAt: noon.Add(3 * time.Hour)}, 0, 3 * time.Hour},
		{"to the same end: asked twice", open, mapping.Extension{ExpiresAt: noon.Add(time.Hour)}, 0, time.Hour},
		{"to its limit", limited, mapping.Extension{ExpiresAt: noon.Add(90 * time.Minute)}, 0, 90 * time.Minute},
		{"beyond its limit", limited, mapping.Extension{TTL: 91 * time.Minute}, 0, "ttl_seconds out_of_range"},
		{"beyond a year", open, mapping.Extension{ExpiresAt: noon.Add(mapping.MaxTTL + 1)}, 0, "expires_at out_of_range"},
		{"to less", open, mapping.Extension{TTL: time.Minute}, 0, "expires_at not_later"},
		{"to the past", open, mapping.Extension{ExpiresAt: noon.Add(-1)}, 0, "expires_at past"},
		{"by nothing", open, mapping.Extension{}, 0, "expires_at past"},
		{"expired", open, mapping.Extension{TTL: time.Hour}, time.Hour, mapping.ErrNotActive},
		{"completed", over, mapping.Extension{TTL: time.Hour}, 0, mapping.ErrNotActive},
	} {
		at := noon.Add(tt.at)
		got, err := tt.in.Extend(tt.e, at)
		ends(t, tt.name, got, err, tt.want)
	}
}

func TestReopen(t *testing.T) {
	const coolDown = 10 * time.Minute
	open := lived(mapping.Life{Callback: time.Minute, CompleteAfter: 1, MaxTTL: 3 * time.Hour})
	over, _ := open.Ended(mapping.SideA, noon)
	for _, tt := range []struct {
		name string
		in   mapping.Interaction
		e    mapping.Extension
		at   time.Duration
		want any
	}{
		{"completed", over, mapping.Extension{TTL: time.Hour}, 5 * time.Minute, 65 * time.Minute},
		{"in its callback window", over, mapping.Extension{TTL: time.Hour}, 0, time.Hour},
		{"expired", open, mapping.Extension{TTL: time.Hour}, 65 * time.Minute, 125 * time.Minute},
		{"in the last moment", open, mapping.Extension{TTL: time.Hour}, time.Hour + coolDown - 1, 2*time.Hour + coolDown - 1},
		{"too late", open, mapping.Extension{TTL: time.Hour}, time.Hour + coolDown, mapping.ErrTooLate},
		{"the window rests after it ends", over, mapping.Extension{TTL: time.Hour}, time.Minute + coolDown, mapping.ErrTooLate},
		{"active: nothing changes", open, mapping.Extension{TTL: 2 * time.Hour}, 0, time.Hour},
		{"beyond its limit", over, mapping.Extension{TTL: 4 * time.Hour}, 0, "ttl_seconds out_of_range"},
	} {
		at := noon.Add(tt.at)
		got, err := tt.in.Reopen(tt.e, coolDown, at)
		ends(t, tt.name, got, err, tt.want)
		if err == nil && (got.State(at) != mapping.StateActive || got.Calls.All != 0 || got.Reason != "") {
			t.Errorf("%s: %v after %d calls, %q", tt.name, got.State(at), got.Calls, got.Reason)
		}
	}
}

func TestAnAnsweredCallMovesTheEnd(t *testing.T) {
	sliding, limited := lived(mapping.Life{Expiry: mapping.ExpirySliding}), lived(mapping.Life{Expiry: mapping.ExpirySliding, MaxTTL: 90 * time.Minute})
	for _, tt := range []struct {
		name string
		in   mapping.Interaction
		at   time.Duration
		want time.Duration
	}{
		{"fixed", lived(mapping.Life{}), 30 * time.Minute, time.Hour},
		{"sliding", sliding, 30 * time.Minute, 90 * time.Minute},
		{"sliding, at once", sliding, 0, time.Hour},
		{"sliding, up to the limit", limited, 50 * time.Minute, 90 * time.Minute},
		{"sliding, when it is over", sliding, time.Hour, time.Hour},
		{"sliding, when it is completed", sliding.Complete("", noon), 30 * time.Minute, time.Hour},
	} {
		got, moved := tt.in.Answered(noon.Add(tt.at))
		ends(t, tt.name, got, nil, tt.want)
		if moved != (tt.want != time.Hour) {
			t.Errorf("%s: moved %t", tt.name, moved)
		}
		if again, moved := got.Answered(noon.Add(tt.at)); moved || !again.ExpiresAt.Equal(got.ExpiresAt) {
			t.Errorf("%s: told twice it moves again", tt.name)
		}
	}
}

func TestSoManyCallsCompleteIt(t *testing.T) {
	i := lived(mapping.Life{CompleteAfter: 2})
	for n, want := range []mapping.State{mapping.StateActive, mapping.StateCompleted, mapping.StateCompleted} {
		i, _ = i.Ended(mapping.SideB, noon)
		if got := i.State(noon); got != want {
			t.Errorf("after %d calls: %v", n+1, got)
		}
	}
	if i.Calls.All != 2 || i.Reason != "complete_after_calls" {
		t.Errorf("%d calls, %q", i.Calls.All, i.Reason)
	}
	if _, changed := lived(mapping.Life{}).Ended(mapping.SideA, noon); changed {
		t.Error("an interaction that does not count was changed")
	}
}

// Every interaction that there is, as far as its calls go, is one that some call changes, or
// none does and it says so.
func TestWhoHeedsCalls(t *testing.T) {
	caller, later := number(t, "+919812345678"), noon.Add(time.Minute)
	for n := range 3 << 5 {
		bit := func(of int) int { return n / 3 >> of & 1 }
		i := lived(mapping.Life{Expiry: mapping.ExpiryFixed + mapping.Expiry(bit(0)), CompleteAfter: bit(1)})
		i.Mode, i.Strangers.Callback = mapping.ModePair+mapping.Mode(n%3), mapping.CallbackLastCaller
		i.Limits.Calls, i.A.Limits.Calls, i.B.Limits.Calls = bit(2), bit(3), bit(4)
		_, called := i.Called(mapping.ID{1}, caller, later)
		_, moved := i.Answered(later)
		_, ended := i.Ended(mapping.SideA, later)
		if changes := called || moved || ended; i.HeedsCalls() != changes {
			t.Errorf("mode %v, %+v, %+v: a call changes it: %t", i.Mode, i.Life, i.Limits, changes)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	for direction, want := range map[mapping.Direction][3]bool{ // nobody, A, B
		mapping.DirectionBoth: {false, true, true}, mapping.DirectionAToB: {false, true, false},
		mapping.DirectionBToA: {false, false, true}, 0: {}, 9: {},
	} {
		for side, may := range want {
			if got := direction.Allows(mapping.Side(side)); got != may {
				t.Errorf("%v: side %d may call: %t", direction, side, got)
			}
		}
	}
}

func TestAStartIsAtMostAYearAhead(t *testing.T) {
	if err := (mapping.Life{StartsAt: noon.Add(mapping.MaxTTL)}).Schedulable(noon); err != nil {
		t.Error(err)
	}
	if err := (mapping.Life{StartsAt: noon.Add(mapping.MaxTTL + 1)}).Schedulable(noon); err == nil {
		t.Error("a start in more than a year is taken")
	}
}
