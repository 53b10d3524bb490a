package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"maskd/mapping"
)

func extensionOf(t testing.TB, digits string) mapping.ExtensionNumber {
	t.Helper()
	e, err := mapping.ParseExtension(digits)
	if err != nil {
		t.Fatalf("parse extension: %v", err)
	}
	return e
}

// lone is the draft of an interaction of a rider and strangers.
func lone(t testing.TB, mode mapping.Mode, a int) mapping.Draft {
	return mapping.Draft{Mode: mode, A: []mapping.Number{rider(t, a)}}
}

// rings records a stranger's call of an interaction.
func rings(t testing.TB, db *DB, i *mapping.Interaction, caller mapping.Number, at time.Time) mapping.CDR {
	t.Helper()
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	c := mapping.CDR{
		Call: mapping.NewID(at, random), Interaction: i.ID, CallerSide: mapping.SideB,
		Caller: caller, DID: i.A.DID, AdmittedAt: at, EndedAt: at.Add(time.Second), Outcome: mapping.OutcomeNoAnswer,
	}
	db.Record(c)
	if err := db.Flush(t.Context()); err != nil {
		t.Fatalf("flush: %v", err)
	}
	return c
}

func TestAnybodyReachesAByAnOpenDID(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, lone(t, mapping.ModeOpen, 1), noon)
	for _, when := range []string{"at once", "after a restart"} {
		for name, caller := range map[string]mapping.Number{"a stranger": driver(t, 9), "one who hides": {}} {
			route, refusal := db.Resolve(i.A.DID, caller, noon)
			if refusal != 0 || route.Caller != mapping.SideB || route.Target != rider(t, 1) || route.Show != i.A.DID || route.Interaction != i.ID {
				t.Errorf("%s, %s: %q, shown %s", when, name, refusal, route.Show)
			}
		}
		if _, refusal := db.Resolve(i.A.DID, driver(t, 9), i.ExpiresAt); refusal != mapping.RefusalExpired {
			t.Errorf("%s, expired: %q", when, refusal)
		}
		db = reopened(t, o, db)
	}
	defer func() { checkAndClose(t, db) }()
	completed(t, db, i.ID)
	if _, refusal := db.Resolve(i.A.DID, driver(t, 9), noon); refusal != mapping.RefusalUnknown || db.Live(i.ID, noon) {
		t.Errorf("completed: %q", refusal)
	}
}

func TestWhoHidesIsRefusedWhereThatIsAskedFor(t *testing.T) {
	db := newStore(t, 3)
	d := lone(t, mapping.ModeOpen, 1)
	d.Strangers.Withheld = mapping.WithheldRefuse
	i := created(t, db, d, noon)
	if _, refusal := db.Resolve(i.A.DID, mapping.Number{}, noon); refusal != mapping.RefusalWithheld || refusal.OfStranger() {
		t.Errorf("one who hides: %q; the pool says what becomes of him: %t", refusal, refusal.OfStranger())
	}
	if _, refusal := db.Resolve(i.A.DID, driver(t, 1), noon); refusal != 0 {
		t.Errorf("one who does not: %q", refusal)
	}
}

func TestACallsTheLastCallerBack(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 3)
	o.Callable = func(n mapping.Number) bool { return n != driver(t, 66) }
	for _, mode := range []mapping.Mode{mapping.ModeOpen, mapping.ModeExtension} {
		t.Run(mode.String(), func(t *testing.T) {
			o.Path = t.TempDir() + "/maskd.db"
			db, err := Open(o, noon)
			if err != nil {
				t.Fatal(err)
			}
			i := created(t, db, lone(t, mode, 1), noon)
			back := func(what string, want mapping.Number) {
				t.Helper()
				route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
				if want.IsZero() != (refusal == mapping.RefusalCallback) || route.Target != want || !want.IsZero() && route.Show != i.A.DID {
					t.Errorf("%s: %q, shown %s", what, refusal, route.Show)
				}
			}
			back("nobody has called", mapping.Number{})
			rings(t, db, &i, driver(t, 1), noon.Add(time.Second))
			back("one has called", driver(t, 1))
			rings(t, db, &i, driver(t, 2), noon.Add(3*time.Second))
			back("another has called", driver(t, 2))
			rings(t, db, &i, driver(t, 3), noon.Add(2*time.Second))
			back("a call ends that began before", driver(t, 2))
			db = reopened(t, o, db)
			back("after a restart", driver(t, 2))
			c := rings(t, db, &i, driver(t, 4), noon.Add(4*time.Second))
			c.Call[15]++
			c.Refusal, c.Caller, c.AdmittedAt = mapping.RefusalPIN, driver(t, 5), noon.Add(5*time.Second)
			db.Record(c)
			back("one was refused", driver(t, 4))
			rings(t, db, &i, driver(t, 66), noon.Add(6*time.Second))
			back("a number that is never called", mapping.Number{})
			rings(t, db, &i, driver(t, 6), noon.Add(7*time.Second))
			rings(t, db, &i, mapping.Number{}, noon.Add(8*time.Second))
			back("one who hides", mapping.Number{})
			c = rings(t, db, &i, driver(t, 7), noon.Add(9*time.Second))
			c.Call[15]++
			c.Doubted, c.Caller, c.AdmittedAt = true, driver(t, 8), noon.Add(10*time.Second)
			db.Record(c)
			if err := db.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			back("one whose number nobody vouches for", mapping.Number{})
			checkAndClose(t, db)
		})
	}
}

func TestAStrangerWhoIsBlockedReachesNobody(t *testing.T) {
	db := newStore(t, 5)
	open, keyed := created(t, db, lone(t, mapping.ModeOpen, 1), noon), created(t, db, lone(t, mapping.ModeExtension, 2), noon)
	blocked(t, db, mapping.Block{Number: driver(t, 1)})
	for caller, want := range map[mapping.Number]mapping.Refusal{driver(t, 1): mapping.RefusalBlocked, driver(t, 2): 0, {}: 0} {
		if _, refusal := db.Resolve(open.A.DID, caller, noon); refusal != want {
			t.Errorf("by the DID: %q, want %q", refusal, want)
		}
		if _, refusal := db.Through(keyed.A.DID, caller, []byte(keyed.Strangers.Extension.Digits()), noon); refusal != want {
			t.Errorf("by an extension: %q, want %q", refusal, want)
		}
	}
	blocked(t, db, mapping.Block{Number: rider(t, 1)}) // A, whoever calls
	if _, refusal := db.Resolve(open.A.DID, mapping.Number{}, noon); refusal != mapping.RefusalBlocked {
		t.Errorf("one who hides reaches who is blocked: %q", refusal)
	}
}

func TestWhomACallsBackIsAPolicy(t *testing.T) {
	db := newStore(t, 5)
	for want, s := range map[mapping.Refusal]mapping.Strangers{
		0:                       {Callback: mapping.CallbackFallback, Fallback: driver(t, 7)},
		mapping.RefusalCallback: {Callback: mapping.CallbackRefuse},
	} {
		d := lone(t, mapping.ModeOpen, int(want))
		d.Strangers = s
		i := created(t, db, d, noon)
		rings(t, db, &i, driver(t, 1), noon.Add(time.Second))
		route, refusal := db.Resolve(i.A.DID, d.A[0], noon)
		if refusal != want || route.Target != s.Fallback {
			t.Errorf("%s: %q", s.Callback, refusal)
		}
	}
}

// While anybody may call a DID, it is nobody else's, whatever comes first.
func TestAnOpenDIDIsOneInteractionsOnly(t *testing.T) {
	shared := ride(t, 2, 2)
	shared.Numbering = mapping.NumberingShared
	drafts := map[string]mapping.Draft{"open": lone(t, mapping.ModeOpen, 1), "another open": lone(t, mapping.ModeOpen, 3), "pair": shared, "extension": lone(t, mapping.ModeExtension, 4)}
	for first, one := range drafts {
		for second, two := range drafts {
			if first == second || one.Mode != mapping.ModeOpen && two.Mode != mapping.ModeOpen {
				continue
			}
			t.Run(first+" and then "+second, func(t *testing.T) {
				o, db := policed(t, 1, mapping.Policy{CoolDown: time.Minute})
				i := created(t, db, one, noon)
				exhaustedBy(t, db, two, noon)
				db = reopened(t, o, db)
				defer func() { checkAndClose(t, db) }()
				exhaustedBy(t, db, two, noon)
				if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil {
					t.Fatal(err)
				}
				created(t, db, two, noon.Add(time.Minute))
				if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, noon.Add(time.Minute-1)); !errors.Is(err, mapping.ErrTaken) {
					t.Errorf("the first is reopened beside it: %v", err)
				}
			})
		}
	}
}

// Who has called a DID may call it again: it rests from all of them.
func TestAnOpenDIDHasRestedFromWhoeverHadIt(t *testing.T) {
	for _, restart := range []bool{false, true} {
		o, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour})
		i := created(t, db, lastRide(t), noon)
		if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil {
			t.Fatal(err)
		}
		if restart {
			db = reopened(t, o, db)
		}
		same(t, exhaustedBy(t, db, lone(t, mapping.ModeOpen, 9), noon.Add(time.Hour-1)).NextFreeAt, noon.Add(time.Hour))
		created(t, db, lone(t, mapping.ModeOpen, 9), noon.Add(time.Hour))
		checkAndClose(t, db)
	}
}

func TestAnExtensionIsOneOnItsDID(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	named := func(a int) mapping.Draft {
		d := lone(t, mapping.ModeExtension, a)
		d.Strangers.Extension = extensionOf(t, "482913")
		return d
	}
	one, two := created(t, db, named(1), noon), created(t, db, named(2), noon)
	if one.A.DID == two.A.DID {
		t.Errorf("both are on %s", one.A.DID)
	}
	exhaustedBy(t, db, named(3), noon)
	pinned := ride(t, 4, 4)
	pinned.PINA.Given = pinOf(t, "482913") // nor is it anybody's PIN there
	exhaustedBy(t, db, pinned, noon)
	drawn := created(t, db, lone(t, mapping.ModeExtension, 3), noon)
	if n := len(drawn.Strangers.Extension.Digits()); n != 4 {
		t.Errorf("drawn with %d digits", n)
	}
	for _, when := range []string{"at once", "after a restart"} {
		for _, i := range []mapping.Interaction{one, two, drawn} {
			route, refusal := db.Through(i.A.DID, mapping.Number{}, []byte(i.Strangers.Extension.Digits()), noon)
			if refusal != 0 || route.Interaction != i.ID || route.Target != i.A.Numbers[0] || route.Caller != mapping.SideB || route.Show != i.A.DID {
				t.Errorf("%s: %q, the right one: %t", when, refusal, route.Interaction == i.ID)
			}
			if _, asks := db.AsksExtension(i.A.DID); !asks {
				t.Errorf("%s: nobody is asked on %s", when, i.A.DID)
			}
			if _, refusal := db.Prove(i.A.DID, mapping.Number{}, []byte(i.Strangers.Extension.Digits()), noon); refusal == 0 {
				t.Errorf("%s: an extension is taken for a PIN", when)
			}
		}
		db = reopened(t, o, db)
	}
	defer func() { checkAndClose(t, db) }()
	completed(t, db, two.ID)
	completed(t, db, one.ID)
	completed(t, db, drawn.ID)
	for _, i := range []mapping.Interaction{one, two, drawn} {
		if _, refusal := db.Through(i.A.DID, mapping.Number{}, []byte(i.Strangers.Extension.Digits()), noon.Add(2*time.Minute)); refusal == 0 {
			t.Error("the extension of a completed interaction is taken")
		}
		if _, asks := db.AsksExtension(i.A.DID); asks {
			t.Errorf("strangers are asked on %s, where nobody has an extension any more", i.A.DID)
		}
	}
}

// Who knows an extension may key it in again: it rests as a DID does.
func TestAnExtensionRests(t *testing.T) {
	_, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour})
	defer func() { checkAndClose(t, db) }()
	d := lone(t, mapping.ModeExtension, 1)
	d.Strangers.Extension = extensionOf(t, "4711")
	i := created(t, db, d, noon)
	if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil {
		t.Fatal(err)
	}
	d.A = []mapping.Number{rider(t, 2)}
	exhaustedBy(t, db, d, noon.Add(time.Hour-1))
	created(t, db, d, noon.Add(time.Hour))
}

// Those who are reached by extensions are gathered on few DIDs.
func TestExtensionsAreGathered(t *testing.T) {
	db := newStore(t, 3)
	first := created(t, db, lone(t, mapping.ModeExtension, 1), noon)
	completed(t, db, created(t, db, ride(t, 2, 2), noon).ID) // the next of this party's turns is another DID's
	second := created(t, db, lone(t, mapping.ModeExtension, 2), noon.Add(time.Hour))
	if first.A.DID != second.A.DID {
		t.Errorf("one is on %s, the other on %s", first.A.DID, second.A.DID)
	}
	third := created(t, db, lone(t, mapping.ModeExtension, 2), noon.Add(time.Hour))
	if third.A.DID == second.A.DID {
		t.Error("one party has two on a DID, and calls back by one of them")
	}
	for _, n := range db.Stock("", 10, "", 0, noon) {
		want := map[mapping.DID]int{second.A.DID: 2, third.A.DID: 1}[n.DID]
		same(t, n.Live, want)
	}
}

// loaded is a die that always falls on the same side.
type loaded byte

func (l loaded) Read(b []byte) (int, error) {
	for n := range b {
		b[n] = byte(l)
	}
	return len(b), nil
}

// Where short ones are taken, longer ones are drawn, until all are.
func TestExtensionsAreDrawnUntilOneIsFree(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 1)
	o.Rand = loaded(7)
	db := opened(t, o)
	for n, want := range []string{"7777", "77777", "777777", "7777777", "77777777"} {
		i := created(t, db, lone(t, mapping.ModeExtension, n), noon.Add(time.Duration(n)*time.Millisecond))
		same(t, i.Strangers.Extension.Digits(), want)
	}
	exhaustedBy(t, db, lone(t, mapping.ModeExtension, 9), noon.Add(time.Second))
}

// The counts of each DID are what the index has.
func (m *model) countsLines(t interface{ Errorf(string, ...any) }) {
	uses, asks := make(map[uint32]int32), make(map[uint32]int32)
	live, held := m.db.index.copy()
	for s, e := range live {
		if e.is(firstOnDID) {
			uses[s.place()]++
		}
		if s.kind() == ofExtension {
			asks[s.place()]++
		}
	}
	for place, on := range *m.db.alloc.lines.all.Load() {
		p := uint32(place)
		if on.uses.Load() != uses[p] || on.asks.Load() != asks[p] || len(held) > 0 {
			t.Errorf("line %d is used by %d and asks for %d, counted %d and %d; %d slots are held",
				p, on.uses.Load(), on.asks.Load(), uses[p], asks[p], len(held))
		}
	}
}

func TestHowLateADIDComesBackIsTold(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	first := created(t, db, ride(t, 1, 1), noon)
	if first.A.ReuseAge != 0 || first.B.ReuseAge != 0 {
		t.Errorf("new parties had their DIDs %v and %v ago", first.A.ReuseAge, first.B.ReuseAge)
	}
	if _, err := db.Complete(t.Context(), first.ID, "", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 2)
	d.WishA = mapping.Wish{Prefer: []mapping.Preference{mapping.Preference(first.A.DID)}, Strict: true}
	d.TTL = time.Hour
	second := created(t, db, d, noon.Add(3*time.Minute))
	if second.A.ReuseAge != 2*time.Minute || second.B.ReuseAge != 0 {
		t.Errorf("A had its DID %v ago, B %v", second.A.ReuseAge, second.B.ReuseAge)
	}
	if read, err := db.Interaction(second.ID); err != nil || read.A.ReuseAge != 2*time.Minute {
		t.Errorf("read as %v, %v", read.A.ReuseAge, err)
	}
	over := second.ExpiresAt
	checkAndClose(t, db)
	if db, err = Open(o, over.Add(time.Hour)); err != nil { // expired and never swept, and before the start
		t.Fatal(err)
	}
	third := created(t, db, d, over.Add(2*time.Hour))
	if third.A.ReuseAge != 2*time.Hour {
		t.Errorf("A had its DID %v ago", third.A.ReuseAge)
	}
	if err := errors.Join(db.Check(t.Context(), over.Add(2*time.Hour)), db.Close()); err != nil {
		t.Error(err)
	}
}

// What is released is remembered within bounds, and what a cool-down needs always.
func TestReleasedSlotsAreRememberedWithinBounds(t *testing.T) {
	pools := poolOf(t, 1)
	for name, c := range map[string]struct {
		coolDown time.Duration
		all      bool
	}{"without a cool-down": {0, false}, "with one": {time.Hour, true}} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(c.coolDown, newLines(pools))
			on := x.lines.find("+15550100000")
			for n := range remembered + 1000 {
				s := newSlot(digest{0, byte(n), byte(n >> 8)}, on, ofCaller) // of one shard
				x.release([]slot{s}, mapping.ID{1}, noon)
				x.load(s[0], []posting{{slot: s, released: roundedUp(noon)}})
			}
			if got := len(x.shards[0].rested); (got > remembered) != c.all || got < remembered {
				t.Errorf("%d are remembered", got)
			}
			x.sweep(noon.Add(2 * time.Hour))
			if got := len(x.shards[0].rested); got != remembered {
				t.Errorf("after a sweep %d are remembered", got)
			}
		})
	}
}

// Lines are found, whether they came with the configuration or later, and each
// has a place of its own.
func TestEveryDIDHasItsLine(t *testing.T) {
	l := newLines(poolOf(t, 3))
	places := map[uint32]bool{l.none.place: true}
	for n := range 40 {
		did := mapping.DID(fmt.Sprintf("+1555010%04d", n))
		on := l.meet(did)
		if places[on.place] || l.find(did) != on || l.meet(did) != on || l.of(newSlot(digest{1}, on, ofPIN)) != on {
			t.Fatalf("%s is at %d, as another is", did, on.place)
		}
		places[on.place] = true
	}
	l.enter(poolOf(t, 60))
	if l.find("+15550100039").place != 40 || l.find("+15550100059") == l.none || l.find("+4930123456") != l.none {
		t.Error("a line is lost, or found where there is none")
	}
}
