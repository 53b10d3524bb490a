package store

import (
	"testing"
	"time"

	"maskd/mapping"
)

// In a call that we begin each party is rung as the other would reach it, and may
// be only if it might call the other itself.
func TestAPartyIsRungFromItsOwnDID(t *testing.T) {
	db := newStore(t, 4)
	d := ride(t, 1, 1)
	d.Direction, d.Life.StartsAt, d.TTL = mapping.DirectionBToA, noon.Add(time.Hour), time.Hour
	i := created(t, db, d, noon)
	later := noon.Add(90 * time.Minute)
	for _, row := range []struct {
		name string
		side mapping.Side
		at   time.Time
		want mapping.Refusal
	}{
		{"before it begins", mapping.SideB, noon, mapping.RefusalScheduled},
		{"in the direction that is allowed", mapping.SideB, later, 0},
		{"in the other", mapping.SideA, later, mapping.RefusalDirection},
		{"when it has expired", mapping.SideB, noon.Add(2 * time.Hour), mapping.RefusalExpired},
		{"from no side", 0, later, mapping.RefusalStore},
	} {
		t.Run(row.name, func(t *testing.T) {
			route, refusal := db.Origin(i.ID, row.side, row.at)
			same(t, refusal, row.want)
			if row.want == 0 {
				same(t, route, mapping.Route{Interaction: i.ID, Tenant: i.Tenant, Caller: row.side, Target: driver(t, 1), Show: i.B.DID, Trunk: "carrier"})
			}
		})
	}
	if _, refusal := db.Origin(mapping.ID{1}, mapping.SideA, later); refusal != mapping.RefusalStore {
		t.Errorf("of no interaction: %v", refusal)
	}
	completed(t, db, i.ID)
	if _, refusal := db.Origin(i.ID, mapping.SideB, later); refusal != mapping.RefusalCompleted {
		t.Errorf("of a completed one: %v", refusal)
	}
}

// Whoever asks for the call, a party that is not to be reached is not rung.
func TestAPartyThatIsNotToBeReachedIsNotRung(t *testing.T) {
	db := newStore(t, 8)
	d := ride(t, 1, 1)
	d.TTL = 48 * time.Hour
	d.HoursA.Schedule = daily(t, "UTC", "14:00", "16:00")
	i := created(t, db, d, noon)
	for at, want := range map[time.Time]mapping.Refusal{noon: mapping.RefusalOutsideHours, noon.Add(3 * time.Hour): 0} {
		if _, refusal := db.Origin(i.ID, mapping.SideA, at); refusal != want {
			t.Errorf("at %s: refusal %q", at.Format(time.TimeOnly), refusal)
		}
	}
	open := created(t, db, lone(t, mapping.ModeOpen, 2), noon)
	if _, refusal := db.Origin(open.ID, mapping.SideB, noon); refusal != mapping.RefusalStore {
		t.Errorf("strangers: refusal %q", refusal)
	}
	if _, refusal := db.Origin(open.ID, mapping.SideA, noon); refusal != mapping.RefusalCallback {
		t.Errorf("nobody to call back: refusal %q", refusal)
	}
}

func TestTheRecordOfACallThatWeBeganSaysSo(t *testing.T) {
	db := newStore(t, 2)
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(1, &i)
	c.Originated = true
	db.Record(c)
	flushed(t, db)
	same(t, readCall(t, db, c.Call), c)
}
