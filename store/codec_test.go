package store

import (
	"reflect"
	"testing"
	"time"

	"maskd/mapping"
)

func TestUnknownFieldIsRefused(t *testing.T) {
	if _, err := decodeInteraction(mapping.ID{}, fields{}.text(200, "new")); err == nil {
		t.Error("an interaction with a field of a later version was read")
	}
	if _, err := decodeCDR(mapping.ID{}, mapping.ID{}, fields{}.text(200, "new")); err == nil {
		t.Error("a CDR with a field of a later version was read")
	}
}

// wholeInteraction has a value in every field.
func wholeInteraction(f testing.TB) mapping.Interaction {
	i := mapping.Interaction{
		Tenant: "acme", ExternalID: "ride", Mode: mapping.ModePair, Numbering: mapping.NumberingShared, Pool: "default",
		A:         mapping.Party{Numbers: []mapping.Number{rider(f, 1)}, DID: "+15550100001"},
		B:         mapping.Party{Numbers: []mapping.Number{driver(f, 1), driver(f, 2)}, DID: "+15550100002", PIN: pinOf(f, "48291377")},
		Labels:    map[string]string{"k": "v"},
		CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), CompletedAt: noon, Reason: "over",
		Sticky: mapping.StickyPin, Direction: mapping.DirectionBToA, Record: mapping.RecordingOptIn, Held: mapping.HoldHouse | mapping.HoldTenant, TTL: time.Minute, CallbackUntil: noon.Add(time.Minute), Calls: mapping.Tally{All: 3, A: 2, B: 1},
		Life: mapping.Life{
			StartsAt: noon, Expiry: mapping.ExpirySliding, MaxTTL: time.Hour, Callback: time.Minute, CompleteAfter: 3,
		},
		Limits: mapping.Limits{CallTime: time.Hour, Warn: []time.Duration{time.Minute, time.Second}, Warned: mapping.AudienceB, AtOnce: 2, Calls: 9},
	}
	i.A.Quiet, i.B.Quiet = true, true
	i.A.Locale, i.B.Locale = "hi-IN", "en"
	i.A.Limits, i.B.Limits = mapping.PartyLimits{CallTime: time.Minute, Calls: 5}, mapping.PartyLimits{CallTime: time.Hour, Calls: 6}
	i.Strangers = mapping.Strangers{
		Extension: extensionOf(f, "4711"), Withheld: mapping.WithheldRefuse, Callback: mapping.CallbackFallback, Fallback: rider(f, 7),
	}
	i.LastCall = mapping.LastCall{Caller: rider(f, 8), At: noon}
	i.A.ReuseAge, i.B.ReuseAge = time.Hour, 1
	i.A.Wish = mapping.Wish{Prefer: []mapping.Preference{"+1", mapping.PreferLocal}, Strict: true}
	i.B.Wish = i.A.Wish
	i.A.Hours, i.B.Hours, i.Hook = wholeHours(), wholeHours(), true
	i.A.Hunt = mapping.Hunt{Ring: mapping.RingSequence, RingTime: 45 * time.Second, Fallback: driver(f, 3)}
	i.B.Hunt = mapping.Hunt{Ring: mapping.RingAll, RingTime: mapping.DefaultRingTime, Fallback: driver(f, 4)}
	return i
}

func wholeHours() mapping.Hours {
	s := &mapping.Schedule{
		Zone: "Europe/Berlin", Windows: []mapping.Window{{Days: 62, From: 540, To: 1050}, {Days: 1, From: 1320, To: 360}},
		Holidays: []mapping.Date{0, 20_812}, Calendars: []string{"de", "by"}, Otherwise: mapping.OtherwiseRefuse,
	}
	return mapping.Hours{Schedule: s, Duties: []*mapping.Schedule{nil, s}}
}

func FuzzDecode(f *testing.F) {
	i := wholeInteraction(f)
	c := callOf(1, &i)
	f.Add(encodeInteraction(&i))
	f.Add([]byte(appendCDR(nil, &c)))
	f.Add([]byte{interactionWarn, 1, 0})
	b := mapping.Block{ID: mapping.ID{1}, Tenant: "acme", Number: rider(f, 1), With: driver(f, 1), Bars: mapping.BarReached, Reason: "why", Since: noon}
	f.Add(encodeBlock(&b))
	f.Fuzz(func(t *testing.T, data []byte) {
		if i, err := decodeInteraction(mapping.ID{1}, data); err == nil {
			again, err := decodeInteraction(mapping.ID{1}, encodeInteraction(&i))
			if err != nil {
				t.Fatalf("what was read can't be read again: %v", err)
			}
			same(t, again, i)
		}
		if b, err := decodeBlock(mapping.ID{1}, data); err == nil {
			again, err := decodeBlock(mapping.ID{1}, encodeBlock(&b))
			if err != nil {
				t.Fatalf("what was read can't be read again: %v", err)
			}
			same(t, again, b)
		}
		if c, err := decodeCDR(mapping.ID{1}, mapping.ID{2}, data); err == nil {
			again, err := decodeCDR(mapping.ID{1}, mapping.ID{2}, appendCDR(nil, &c))
			if err != nil {
				t.Fatalf("what was read can't be read again: %v", err)
			}
			same(t, again, c)
		}
	})
}

func TestEveryFieldIsReadBack(t *testing.T) {
	want := wholeInteraction(t)
	got, err := decodeInteraction(want.ID, encodeInteraction(&want))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
	v := reflect.ValueOf(want)
	for n := range v.NumField() {
		if v.Field(n).IsZero() && v.Type().Field(n).Name != "ID" {
			t.Errorf("the test says nothing of %s", v.Type().Field(n).Name)
		}
	}
}
