package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"maskd/mapping"
)

// model is the same store by brute force: a list that is searched.
type model struct {
	db   *DB
	o    Options
	at   time.Time
	list []mapping.Interaction
}

// holder returns the interaction that has the (DID, caller) key.
func (m *model) holder(did mapping.DID, caller mapping.Number) *mapping.Interaction {
	var found *mapping.Interaction
	for n := range m.list {
		if i := &m.list[n]; i.Holds(m.at) && i.SideOf(did, caller) != 0 {
			found = i
		}
	}
	return found
}

// ambiguous reports whether somebody would be for the interaction and for
// another, live one: some known caller of its DIDs, or a stranger.
func (m *model) ambiguous(i *mapping.Interaction) bool {
	for n := range m.list {
		other := &m.list[n]
		if other.ID == i.ID || !other.Holds(m.at) {
			continue
		}
		if collide(i, other) || collide(other, i) {
			return true
		}
	}
	return false
}

// collide reports whether a caller of the first is one of the second as well.
func collide(one, other *mapping.Interaction) bool {
	if one.Mode == mapping.ModeOpen { // whoever calls the DID, also those who are to call it for another
		return one.A.DID == other.A.DID || one.A.DID == other.B.DID
	}
	if one.Mode == mapping.ModeExtension && other.A.DID == one.A.DID && other.Strangers.Extension == one.Strangers.Extension {
		return true
	}
	return haveKeyInCommon(one, other)
}

// extend gives an interaction a later end, or is told why not.
func (m *model) extend(t *rapid.T, n int, e mapping.Extension) {
	want, wantErr := m.list[n].Extend(e, m.at)
	i, err := m.db.Extend(context.Background(), m.list[n].ID, e, m.at)
	if (err == nil) != (wantErr == nil) || err == nil && !i.ExpiresAt.Equal(want.ExpiresAt) {
		t.Fatalf("extend: %v, want %v", err, wantErr)
	}
	if err == nil {
		m.list[n] = i
	}
}

// reopenOne makes an interaction active again, or is told why not.
func (m *model) reopenOne(t *rapid.T, n int, e mapping.Extension) {
	pool, _ := m.o.Pools.Named(mapping.DefaultPool)
	before := m.list[n]
	want, wantErr := before.Reopen(e, pool.CoolDown, m.at)
	i, err := m.db.Reopen(context.Background(), before.ID, e, m.at)
	switch {
	case errors.Is(err, mapping.ErrTaken):
		m.list[n].CompletedAt, m.list[n].ExpiresAt = m.at.Add(-24*time.Hour), m.at.Add(-24*time.Hour) // out of its own way
		if !m.sharesKey(&before) && !m.ambiguous(&before) && !m.crowded(&before, &pool, m.at) {
			t.Fatal("its DIDs are nobody's and it can't have them")
		}
		m.list[n] = before
	case (err == nil) != (wantErr == nil):
		t.Fatalf("reopen: %v, want %v", err, wantErr)
	case err == nil:
		m.list[n] = mapping.Interaction{}
		if before.State(m.at) != mapping.StateActive && (m.sharesKey(&i) || m.ambiguous(&i)) {
			t.Fatal("reopened beside another with the same key")
		}
		if !i.ExpiresAt.Equal(want.ExpiresAt) || !i.Holds(m.at) {
			t.Fatal("reopened as another")
		}
		m.list[n] = i
	}
}

// call lets a party call, be answered and hang up.
func (m *model) call(t *rapid.T, n int) {
	i := m.list[n]
	if !i.Connects(m.at) {
		return
	}
	c := mapping.CDR{
		Call: mapping.NewID(m.at, [10]byte(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "call"))), Interaction: i.ID,
		CallerSide: mapping.SideA, AdmittedAt: m.at, Outcome: mapping.OutcomeLive,
	}
	m.db.Record(c)
	c.AnsweredAt = m.at
	m.db.Record(c)
	i, _ = i.Answered(m.at)
	c.Outcome, c.EndedAt = mapping.OutcomeAnswered, m.at
	m.db.Record(c)
	m.list[n], _ = i.Ended(mapping.SideA, m.at)
	if err := m.db.Flush(context.Background()); err != nil {
		t.Fatalf("flush: %v", err)
	}
	got, err := m.db.Interaction(i.ID)
	if want := m.list[n]; err != nil || got.State(m.at) != want.State(m.at) || !got.ExpiresAt.Equal(want.ExpiresAt) || got.Calls != want.Calls {
		t.Fatalf("after a call %v until %v after %d, want %v until %v after %d, %v",
			got.State(m.at), got.ExpiresAt, got.Calls, want.State(m.at), want.ExpiresAt, want.Calls, err)
	}
}

// sharesKey reports whether two active interactions have one key in common.
func (m *model) sharesKey(i *mapping.Interaction) bool {
	for _, party := range []mapping.Party{i.A, i.B} {
		for _, n := range party.Numbers {
			if m.holder(party.DID, n) != nil {
				return true
			}
		}
	}
	return false
}

func (m *model) create(t *rapid.T, d mapping.Draft) {
	i, _, err := m.db.Create(context.Background(), d, m.at)
	pool, _ := m.o.Pools.Named(mapping.DefaultPool)
	var exhausted *mapping.ExhaustedError
	switch {
	case errors.As(err, &exhausted):
		if m.possible(d, &pool, pool.Shortened(), m.at) {
			t.Fatalf("refused though there are free DIDs: %v", err)
		}
		if at := exhausted.NextFreeAt; !at.IsZero() && !at.After(m.at) {
			t.Fatalf("refused, though a DID is free since %v", m.at.Sub(at))
		}
	case err != nil:
		t.Fatalf("create: %v", err)
	case m.sharesKey(&i), m.ambiguous(&i):
		t.Fatal("two live interactions answer one (DID, caller)")
	case m.rests(&i, pool.Shortened(), m.at):
		t.Fatal("a DID was given to a party before its cool-down was over")
	case m.rests(&i, pool.CoolDown, m.at) && m.possible(d, &pool, pool.CoolDown, m.at):
		t.Fatal("a cool-down was shortened without need")
	case m.crowded(&i, &pool, m.at):
		t.Fatal("a DID has more pairs than it may")
	default:
		m.list = append(m.list, i)
	}
}

// possible reports whether some choice of DIDs would do for the draft.
func (m *model) possible(d mapping.Draft, pool *mapping.Pool, coolDown time.Duration, at time.Time) bool {
	d = d.WithDefaults()
	for a := range pool.DIDs {
		for b := range pool.DIDs {
			if (a == b) != (d.Numbering == mapping.NumberingShared) {
				continue
			}
			i := d.Bind(mapping.ID{}, pool.DIDs[a], pool.DIDs[b], at)
			if !m.sharesKey(&i) && !m.ambiguous(&i) && !m.rests(&i, coolDown, at) && !m.crowded(&i, pool, at) {
				return true
			}
		}
	}
	return false
}

// rests reports whether a party of the interaction had its DID in another that
// ended less than the cool-down ago. The store counts in milliseconds, rounded up.
func (m *model) rests(i *mapping.Interaction, coolDown time.Duration, at time.Time) bool {
	for n := range m.list {
		other := &m.list[n]
		ended := other.ConnectsUntil().Add(time.Millisecond - 1).Truncate(time.Millisecond)
		if other.ID == i.ID || other.Holds(at) || !at.Before(ended.Add(coolDown)) {
			continue
		}
		fromAll := i.Mode == mapping.ModeOpen && (other.A.DID == i.A.DID || other.B.DID == i.A.DID)
		sameExtension := !i.Strangers.Extension.IsZero() && other.A.DID == i.A.DID && other.Strangers.Extension == i.Strangers.Extension
		if fromAll || sameExtension || haveKeyInCommon(i, other) {
			return true
		}
	}
	return false
}

func haveKeyInCommon(i, other *mapping.Interaction) bool {
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		party := i.Party(side)
		for _, n := range party.Numbers {
			if other.SideOf(party.DID, n) != 0 {
				return true
			}
		}
	}
	return false
}

// crowded reports whether a DID of the interaction has as many others as may
// have it.
func (m *model) crowded(i *mapping.Interaction, pool *mapping.Pool, at time.Time) bool {
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		others := 0
		for n := range m.list {
			if o := &m.list[n]; o.ID != i.ID && o.Holds(at) && (o.A.DID == did || o.B.DID == did) {
				others++
			}
		}
		if pool.MaxPairs > 0 && others >= pool.MaxPairs {
			return true
		}
	}
	return false
}

func (m *model) complete(t *rapid.T, n int) {
	i, err := m.db.Complete(context.Background(), m.list[n].ID, "", m.at)
	if err != nil {
		t.Fatalf("complete: %v", err)
	}
	m.list[n] = i
}

func (m *model) resolve(t *rapid.T, did mapping.DID, caller mapping.Number) {
	route, refusal := m.db.Resolve(did, caller, m.at)
	want := m.holder(did, caller)
	switch {
	case (want == nil || !want.Connects(m.at)) && refusal == 0:
		t.Fatal("connected without a live interaction")
	case refusal == mapping.RefusalCallback:
		if want.SideOf(did, caller) != mapping.SideA || len(want.Reached(mapping.SideA)) > 0 {
			t.Fatal("somebody could have been called back")
		}
	case want != nil && want.Connects(m.at) && (refusal != 0 || route.Interaction != want.ID || route.Target != want.Reached(route.Caller)[0]):
		t.Fatalf("a live pair does not connect: refusal %q", refusal)
	}
}

// through keys in an extension.
func (m *model) through(t *rapid.T, did mapping.DID, e mapping.ExtensionNumber) {
	route, refusal := m.db.Through(did, mapping.Number{}, []byte(e.Digits()), m.at)
	var want *mapping.Interaction
	for n := range m.list {
		if i := &m.list[n]; i.Connects(m.at) && i.A.DID == did && i.Strangers.Extension == e {
			want = i
		}
	}
	if (want != nil) != (refusal == 0) || want != nil && (route.Interaction != want.ID || route.Target != want.A.Numbers[0]) {
		t.Fatalf("an extension: %q, live %t", refusal, want != nil)
	}
	_, asks := m.db.AsksExtension(did)
	if want != nil && !asks {
		t.Fatal("an extension that nobody is asked for")
	}
}

// called lets a stranger call.
func (m *model) called(t testing.TB, n int, caller mapping.Number) {
	if i := m.list[n]; i.Mode.OneSided() && i.Connects(m.at) {
		c := rings(t, m.db, &i, caller, m.at)
		m.list[n], _ = i.Called(c.Call, caller, c.AdmittedAt)
	}
}

func (m *model) reopen(t *rapid.T) {
	if err := errors.Join(m.db.Check(context.Background(), m.at), m.db.Close()); err != nil {
		t.Fatalf("close: %v", err)
	}
	db, err := Open(m.o, m.at)
	if err != nil {
		t.Fatalf("reopen: %v", err)
	}
	m.db = db
}

func TestStoreBehavesAsTheModel(t *testing.T) {
	dir := t.TempDir()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		o := optionsIn(t, filepath.Join(dir, time.Duration(run).String()), 1)
		o.Pools = policedPool(t, rapid.IntRange(1, 5).Draw(rt, "DIDs"), policies(rt))
		db, err := Open(o, noon)
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{db: db, o: o, at: noon}
		defer func() { checkModel(rt, m) }()
		party := func(of func(testing.TB, int) mapping.Number, name string) []mapping.Number {
			n := rapid.IntRange(0, 3).Draw(rt, name)
			return []mapping.Number{of(t, n), of(t, n+1)}[:rapid.IntRange(1, 2).Draw(rt, "numbers")]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": func(rt *rapid.T) {
				m.create(rt, mapping.Draft{
					A: party(rider, "a"), B: party(driver, "b"), Mode: mapping.ModePair,
					Numbering: mapping.Numbering(rapid.IntRange(1, 2).Draw(rt, "numbering")),
					Sticky:    mapping.Sticky(rapid.IntRange(0, 3).Draw(rt, "sticky")),
					TTL:       time.Duration(rapid.IntRange(60_000, 200_000).Draw(rt, "ttl")) * time.Millisecond,
					Life:      lives(rt, m.at),
				})
			},
			"create alone": func(rt *rapid.T) {
				m.db.Sweep(m.at) // what has expired uses its DID until then
				d := mapping.Draft{
					Mode: mapping.Mode(rapid.IntRange(2, 3).Draw(rt, "mode")), A: party(rider, "a"), Sticky: mapping.Sticky(rapid.IntRange(0, 3).Draw(rt, "sticky")),
					Numbering: mapping.NumberingShared, TTL: time.Duration(rapid.IntRange(60_000, 200_000).Draw(rt, "ttl")) * time.Millisecond, Life: lives(rt, m.at),
				}
				if d.Mode == mapping.ModeExtension {
					d.Strangers.Extension = rapid.SampledFrom(extensionsOf(t)).Draw(rt, "extension")
				}
				m.create(rt, d)
			},
			"called": m.some(func(rt *rapid.T, n int) {
				m.called(t, n, driver(t, rapid.IntRange(0, 4).Draw(rt, "stranger")))
			}),
			"complete": m.some(m.complete),
			"call":     m.some(m.call),
			"extend":   m.some(func(rt *rapid.T, n int) { m.extend(rt, n, extensions(rt)) }),
			"reopened": m.some(func(rt *rapid.T, n int) { m.reopenOne(rt, n, extensions(rt)) }),
			"resolve": func(rt *rapid.T) {
				pool, _ := o.Pools.Named(mapping.DefaultPool)
				did := rapid.SampledFrom(pool.DIDs).Draw(rt, "did")
				m.resolve(rt, did, rider(t, rapid.IntRange(0, 4).Draw(rt, "rider")))
				m.resolve(rt, did, driver(t, rapid.IntRange(0, 4).Draw(rt, "driver")))
				m.through(rt, did, rapid.SampledFrom(extensionsOf(t)).Draw(rt, "extension"))
			},
			"wait": func(rt *rapid.T) {
				m.at = m.at.Add(time.Duration(rapid.IntRange(1, 60_000).Draw(rt, "ms")) * time.Millisecond)
			},
			"sweep":  func(*rapid.T) { m.db.Sweep(m.at) },
			"reopen": m.reopen,
		})
	})
}

// some does something with one of the interactions.
func (m *model) some(do func(*rapid.T, int)) func(*rapid.T) {
	return func(t *rapid.T) {
		if len(m.list) > 0 {
			do(t, rapid.IntRange(0, len(m.list)-1).Draw(t, "which"))
		}
	}
}

func extensions(t *rapid.T) mapping.Extension {
	return mapping.Extension{TTL: time.Duration(rapid.IntRange(-10, 300).Draw(t, "seconds")) * time.Second}
}

// lives draws how an interaction begins and ends; often as most do.
func lives(t *rapid.T, at time.Time) mapping.Life {
	l := mapping.Life{
		Expiry: mapping.Expiry(rapid.IntRange(0, 2).Draw(t, "expiry")), CompleteAfter: rapid.IntRange(0, 2).Draw(t, "calls"),
		Callback: time.Duration(rapid.SampledFrom([]int{0, 0, 30, 90}).Draw(t, "callback")) * time.Second,
	}
	if rapid.Bool().Draw(t, "later") {
		l.StartsAt = at.Add(time.Duration(rapid.IntRange(-10, 60).Draw(t, "start")) * time.Second)
	}
	return l
}

// policies draws the policy of a pool; often there is none.
func policies(t *rapid.T) mapping.Policy {
	seconds := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.IntRange(0, 90).Draw(t, "s")) * time.Second })
	return mapping.Policy{
		CoolDown: seconds.Draw(t, "cool-down"), Floor: seconds.Draw(t, "floor"),
		OnExhaustion: mapping.OnExhaustion(rapid.IntRange(0, 2).Draw(t, "on exhaustion")),
		MaxPairs:     rapid.IntRange(0, 3).Draw(t, "max pairs"),
	}
}

// extensionsOf are so few that they are often taken.
func extensionsOf(t testing.TB) []mapping.ExtensionNumber {
	return []mapping.ExtensionNumber{extensionOf(t, "471"), extensionOf(t, "4711")}
}

func checkModel(t *rapid.T, m *model) {
	m.countsLines(t)
	if err := errors.Join(m.db.Check(context.Background(), m.at), m.db.Close()); err != nil {
		t.Errorf("check: %v", err)
	}
}

func TestNoTwoConcurrentCreatesShareAKey(t *testing.T) {
	leavesNothing(t)
	db := newStore(t, 4)
	var wait sync.WaitGroup
	var mu sync.Mutex
	var live []mapping.Interaction
	for client := range 8 {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(client)))
			for range 40 {
				i, _, err := db.Create(context.Background(), ride(t, random.IntN(3), random.IntN(3)), noon)
				var exhausted *mapping.ExhaustedError
				if errors.As(err, &exhausted) {
					continue
				}
				if err != nil {
					t.Errorf("create: %v", err)
					return
				}
				if random.IntN(2) == 0 {
					if _, err := db.Complete(context.Background(), i.ID, "", noon); err != nil {
						t.Errorf("complete: %v", err)
					}
					if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal == 0 && db.Live(i.ID, noon) {
						t.Error("connects after its complete was acknowledged")
					}
					continue
				}
				mu.Lock()
				live = append(live, i)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	m := &model{db: db, at: noon}
	for _, i := range live {
		if m.sharesKey(&i) {
			t.Error("two live interactions share a (DID, caller) key")
		}
		m.list = append(m.list, i)
	}
	same(t, db.Counts().Live, len(live))
}

func TestPagesAreInOrderOfIDs(t *testing.T) {
	db := newStore(t, 50)
	var want []mapping.ID
	for n := range 25 {
		want = append(want, created(t, db, ride(t, n, n), noon.Add(time.Duration(n)*time.Second)).ID)
	}
	var got []mapping.ID
	for after := (mapping.ID{}); ; after = got[len(got)-1] {
		page, err := db.Interactions(after, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, i := range page {
			got = append(got, i.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d ids in pages, want %d in order", len(got), len(want))
	}
}
