package store

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// daily is open at the same hours each day. noon is on a Saturday in November.
func daily(t testing.TB, zone, from, to string) *mapping.Schedule {
	t.Helper()
	begin, ok := mapping.ParseClock(from)
	end, also := mapping.ParseClock(to)
	if !ok || !also {
		t.Fatalf("%s to %s are no hours", from, to)
	}
	return &mapping.Schedule{Zone: zone, Windows: []mapping.Window{{Days: mapping.EveryDay, From: begin, To: end}}, Otherwise: mapping.OtherwiseRefuse}
}

// resolves asks about a call of A.
func resolves(t *testing.T, db *DB, i *mapping.Interaction, at time.Time, want mapping.Refusal) mapping.Route {
	t.Helper()
	route, got := db.Resolve(i.A.DID, i.A.Numbers[0], at)
	if got != want {
		t.Errorf("at %s: refusal %q, want %q", at.Format(time.TimeOnly), got, want)
	}
	return route
}

func TestAPartyIsReachedInItsHoursOnly(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.TTL = 48 * time.Hour
	d.HoursB.Schedule = daily(t, "Europe/Berlin", "14:00", "16:00") // 13:00 to 15:00 UTC
	i := created(t, db, d, noon)
	for range 2 { // after a start too
		resolves(t, db, &i, noon, mapping.RefusalOutsideHours)
		resolves(t, db, &i, noon.Add(time.Hour), 0)
		resolves(t, db, &i, noon.Add(3*time.Hour-1), 0)
		resolves(t, db, &i, noon.Add(3*time.Hour), mapping.RefusalOutsideHours)
		if _, refusal := db.Resolve(i.B.DID, i.B.Numbers[0], noon); refusal != 0 {
			t.Errorf("B may not call outside of its hours: %q", refusal)
		}
		db = reopened(t, o, db)
	}
	e, err := db.Explain(t.Context(), i.A.DID, i.A.Numbers[0], noon)
	if err != nil || e.Refusal != mapping.RefusalOutsideHours || !e.OpensAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("refusal %q, opens at %s, %v", e.Refusal, e.OpensAt, err)
	}
	e, err = db.Explain(t.Context(), i.A.DID, i.A.Numbers[0], noon.Add(47*time.Hour))
	if err != nil || e.Refusal != mapping.RefusalOutsideHours || !e.OpensAt.IsZero() {
		t.Errorf("before its end: refusal %q, opens at %s, %v", e.Refusal, e.OpensAt, err)
	}
	checkAndClose(t, db)
}

func TestOnlyWhoIsOnDutyIsRung(t *testing.T) {
	db := newStore(t, 3)
	d := ride(t, 1, 1)
	d.B = append(d.B, driver(t, 2), driver(t, 3))
	d.HoursB.Duties = []*mapping.Schedule{daily(t, "UTC", "08:00", "12:00"), nil, daily(t, "UTC", "12:00", "20:00")}
	i := created(t, db, d, noon)
	if route := resolves(t, db, &i, noon.Add(-time.Second), 0); len(route.Targets) != 2 || route.Target != d.B[0] {
		t.Errorf("in the morning %d are rung", len(route.Targets))
	}
	if route := resolves(t, db, &i, noon, 0); len(route.Targets) != 2 || route.Target != d.B[1] || route.Targets[1] != d.B[2] {
		t.Errorf("in the afternoon %d are rung", len(route.Targets))
	}
}

// Outside of its hours the party's fallback is rung, unless the caller may not reach
// the party or the fallback at any time; and who may not call, may not call it either.
func TestTheFallbackIsRungOutsideHours(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.HoursB.Schedule = daily(t, "UTC", "13:00", "14:00")
	d.HoursB.Schedule.Otherwise = mapping.OtherwiseFallback
	d.HuntB.Fallback, d.Hook = driver(t, 9), true
	i := created(t, db, d, noon)
	for range 2 { // after a start too
		route := resolves(t, db, &i, noon, 0)
		if route.Target != driver(t, 9) || len(route.Targets) != 1 || route.Diverted != mapping.DiversionOutsideHours || !route.Hunt.Fallback.IsZero() {
			t.Errorf("rung is %v, %s", route.Targets, route.Diverted)
		}
		if ref := db.Ref(i.Tenant, driver(t, 9)); route.Case.Fallback != ref || route.Case.Targets[0] != ref {
			t.Errorf("the hook is asked about %v, else %s", route.Case.Targets, route.Case.Fallback)
		}
		in := resolves(t, db, &i, noon.Add(time.Hour), 0)
		if in.Target != driver(t, 1) || in.Diverted != 0 || in.Hunt.Fallback != driver(t, 9) || in.Case.Fallback == "" {
			t.Errorf("in its hours rung is %v, %s", in.Targets, in.Diverted)
		}
		db = reopened(t, o, db)
	}
	if _, refusal := db.Origin(i.ID, mapping.SideB, noon); refusal != mapping.RefusalOutsideHours {
		t.Errorf("to ring B first: refusal %q", refusal)
	}
	for name, block := range map[string]mapping.Block{
		"the two": {Number: rider(t, 1), With: driver(t, 1)}, "the fallback": {Number: driver(t, 9)}, "the caller": {Number: rider(t, 1)},
	} {
		b := blocked(t, db, block)
		if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon); refusal == 0 {
			t.Errorf("blocked are %s, and the fallback is rung", name)
		}
		if _, err := db.Unblock(t.Context(), b.Tenant, []mapping.ID{b.ID}, noon); err != nil {
			t.Fatal(err)
		}
	}
	quiet := true
	if _, err := db.Revise(t.Context(), i.ID, mapping.Revision{B: mapping.PartyRevision{Quiet: &quiet}}, noon); err != nil {
		t.Fatal(err)
	}
	resolves(t, db, &i, noon, mapping.RefusalQuiet)
	checkAndClose(t, db)
}

// A route is made anew while somebody is asked about it, for the same caller.
func TestARouteIsRenewed(t *testing.T) {
	_, db := policed(t, 3, mapping.Policy{})
	d := ride(t, 1, 1)
	d.HoursB.Schedule = daily(t, "UTC", "08:00", "13:00")
	d.PINA.Given = pinOf(t, "482913")
	i := created(t, db, d, noon)
	known := resolves(t, db, &i, noon, 0)
	proven, refusal := db.Prove(i.A.DID, rider(t, 1), []byte("482913"), noon)
	if refusal != 0 {
		t.Fatal(refusal)
	}
	renewed := func(at time.Time, want mapping.Refusal) {
		t.Helper()
		for _, was := range []mapping.Route{known, proven} {
			got, refusal := db.Renew(&was, i.A.DID, at)
			if refusal != want || want == 0 && (got.From != was.From || got.Target != was.Target) {
				t.Errorf("refusal %q, want %q", refusal, want)
			}
		}
	}
	renewed(noon, 0)
	renewed(noon.Add(time.Hour), mapping.RefusalOutsideHours)
	blocked(t, db, mapping.Block{Number: rider(t, 1), With: driver(t, 1)})
	renewed(noon, mapping.RefusalBlocked)
	completed(t, db, i.ID)
	renewed(noon.Add(2*time.Minute), mapping.RefusalCompleted)
	checkAndClose(t, db)
}

func TestHoursAreChangedWhileItLives(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	shut := &mapping.Hours{Schedule: daily(t, "UTC", "13:00", "14:00")}
	if _, err := db.SetHours(t.Context(), i.ID, mapping.HoursChange{B: shut}, noon); err != nil {
		t.Fatal(err)
	}
	resolves(t, db, &i, noon, mapping.RefusalOutsideHours)
	db = reopened(t, o, db)
	resolves(t, db, &i, noon, mapping.RefusalOutsideHours)
	var invalid *mapping.InvalidError
	for _, bad := range []mapping.HoursChange{
		{B: &mapping.Hours{Schedule: daily(t, "Europe/Atlantis", "13:00", "14:00")}},
		{A: &mapping.Hours{Duties: []*mapping.Schedule{nil, shut.Schedule}}},
	} {
		if _, err := db.SetHours(t.Context(), i.ID, bad, noon); !errors.As(err, &invalid) {
			t.Errorf("hours that can't be: %v", err)
		}
	}
	if got, err := db.SetHours(t.Context(), i.ID, mapping.HoursChange{B: &mapping.Hours{}}, noon); err != nil || got.B.Hours.Schedule != nil {
		t.Errorf("always: %+v, %v", got.B.Hours, err)
	}
	resolves(t, db, &i, noon, 0)
	completed(t, db, i.ID)
	if _, err := db.SetHours(t.Context(), i.ID, mapping.HoursChange{B: shut}, noon.Add(time.Hour)); !errors.Is(err, mapping.ErrNotActive) {
		t.Errorf("of a completed one: %v", err)
	}
	checkAndClose(t, db)
}

func TestHolidaysAreChangedWhileItRuns(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	today := mapping.DateOf(noon)
	o.Holidays = map[string][]mapping.Date{"de": {today + 1}}
	db := opened(t, o)
	d := ride(t, 1, 1)
	d.HoursB.Schedule = daily(t, "UTC", "08:00", "20:00")
	d.HoursB.Schedule.Calendars = []string{"de"}
	i := created(t, db, d, noon)
	resolves(t, db, &i, noon, 0)
	db.SetHolidays(map[string][]mapping.Date{"de": {today, today + 1}})
	resolves(t, db, &i, noon, mapping.RefusalOutsideHours)
	db.SetHolidays(nil) // in doubt nobody is reached
	resolves(t, db, &i, noon, mapping.RefusalOutsideHours)
	var invalid *mapping.InvalidError
	if _, _, err := db.Create(t.Context(), d, noon); !errors.As(err, &invalid) || invalid.Field != "parties.b.schedule.holidays" {
		t.Errorf("holidays that there are no more: %v", err)
	}
}

// What lies beside the zones, and the zone of this machine, are none.
func TestOnlyZonesOfTheDatabaseAreZones(t *testing.T) {
	c := newClocks(nil)
	for name, want := range map[string]bool{
		"Europe/Berlin": true, "UTC": true, "Etc/GMT+5": true, "": false, "Local": false, "localtime": false, "right/UTC": false,
		"posix/UTC": false, "../etc/passwd": false, "Europe/../UTC": false, "/usr/share/zoneinfo/UTC": false, "Europe": false, "Europe/Atlantis": false,
	} {
		for range 2 {
			if _, ok := c.zone(name); ok != want {
				t.Errorf("%q is a zone: %t", name, ok)
			}
		}
	}
}

func TestACaseTellsReferencesAndNoNumber(t *testing.T) {
	db := newStore(t, 3)
	d := ride(t, 1, 1)
	d.A, d.B = append(d.A, rider(t, 2)), append(d.B, driver(t, 2))
	d.ExternalID, d.Labels, d.Hook = "ride-1", map[string]string{"city": "Pune"}, true
	i := created(t, db, d, noon)
	route, refusal := db.Resolve(i.A.DID, d.A[1], noon)
	want := &mapping.Case{
		Matter: mapping.MatterParty, Tenant: mapping.DefaultTenant, Interaction: i.ID, ExternalID: "ride-1", Labels: d.Labels, DID: i.A.DID, Side: mapping.SideA,
		Caller: db.Ref(mapping.DefaultTenant, d.A[1]), Targets: []string{db.Ref(mapping.DefaultTenant, d.B[0]), db.Ref(mapping.DefaultTenant, d.B[1])},
	}
	if refusal != 0 {
		t.Fatalf("refusal %q", refusal)
	}
	same(t, route.Case, want)
	d = ride(t, 3, 3)
	if i := created(t, db, d, noon); resolves(t, db, &i, noon, 0).Case != nil {
		t.Error("the hook is asked about a call of an interaction that does not want it")
	}
}

// What the hook says of an unknown caller leads to a party of the DID only.
func TestWhomTheHookCanVouchFor(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.Pools = policedPool(t, 4, mapping.Policy{HookUnknown: true})
	db := opened(t, o)
	i, other := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon.Add(time.Millisecond))
	shared := ride(t, 3, 3)
	shared.Numbering = mapping.NumberingShared
	both := created(t, db, shared, noon)
	over := created(t, db, ride(t, 4, 4), noon)
	completed(t, db, over.ID)
	for _, row := range []struct {
		name string
		did  mapping.DID
		id   mapping.ID
		side mapping.Side
		want mapping.Refusal
	}{
		{"A, by the DID", i.A.DID, i.ID, 0, 0},
		{"A, by name", i.A.DID, i.ID, mapping.SideA, 0},
		{"B", i.B.DID, i.ID, 0, 0},
		{"the side of the other DID", i.A.DID, i.ID, mapping.SideB, mapping.RefusalHook},
		{"a DID of nobody", "+15559999999", other.ID, 0, mapping.RefusalHook},
		{"a DID of both", both.A.DID, both.ID, 0, mapping.RefusalHook},
		{"a DID of both, by name", both.A.DID, both.ID, mapping.SideB, 0},
		{"an interaction that there is not", i.A.DID, mapping.ID{9}, 0, mapping.RefusalHook},
		{"a completed one", over.A.DID, over.ID, 0, mapping.RefusalCompleted},
	} {
		route, refusal := db.Vouched(row.did, rider(t, 9), row.id, row.side, noon.Add(2*time.Minute))
		if refusal != row.want || refusal == 0 && (route.Interaction != row.id || route.Case != nil) {
			t.Errorf("%s: refusal %q, %+v", row.name, refusal, route)
		}
	}
}

func TestAboutWhichUnknownCallersTheHookIsAsked(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 1)
	o.Pools = policedPool(t, 1, mapping.Policy{HookUnknown: true})
	db := opened(t, o)
	same(t, db.Unknown("+15550100000", rider(t, 9)), &mapping.Case{Matter: mapping.MatterUnknown, Tenant: mapping.DefaultTenant, DID: "+15550100000", Caller: db.Ref(mapping.DefaultTenant, rider(t, 9))})
	same(t, db.Unknown("+15550100000", mapping.Number{}), &mapping.Case{Matter: mapping.MatterUnknown, Tenant: mapping.DefaultTenant, DID: "+15550100000"})
	if db.Unknown("+15559999999", rider(t, 9)) != nil || newStore(t, 1).Unknown("+15550100000", rider(t, 9)) != nil {
		t.Error("the hook is asked where nobody wants it")
	}
	for did, want := range map[mapping.DID]bool{"+15550100000": true, "+15559999999": false} {
		if e, err := db.Explain(t.Context(), did, rider(t, 9), noon); err != nil || e.Unknown != want {
			t.Errorf("%s: the hook would be asked: %t, %v", did, e.Unknown, err)
		}
	}
}

// Who withholds his number reaches an open DID as anybody does, and the hook is
// asked about him without a reference.
func TestTheHookIsAskedAboutAWithheldStranger(t *testing.T) {
	db := newStore(t, 4)
	d := lone(t, mapping.ModeOpen, 1)
	d.Hook = true
	i := created(t, db, d, noon)
	route, refusal := db.Resolve(i.A.DID, mapping.Number{}, noon)
	if refusal != 0 || route.Case == nil || route.Case.Caller != "" {
		t.Errorf("route %+v, refusal %q", route, refusal)
	}
}
