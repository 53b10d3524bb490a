package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// cursorsOf returns the cursors of riders and drivers, by what they are
// called: the digests under which memory has them change with each start.
func cursorsOf(t *testing.T, db *DB, parties int) map[string]uint32 {
	t.Helper()
	found := make(map[string]uint32)
	for n := range parties {
		found[fmt.Sprint("rider ", n)] = db.alloc.cursors.of(partyOf(db.alloc.parties.number(mapping.DefaultPool, rider(t, n))))
		found[fmt.Sprint("driver ", n)] = db.alloc.cursors.of(partyOf(db.alloc.parties.number(mapping.DefaultPool, driver(t, n))))
	}
	return found
}

// More records than a few batches hold, over three days, so that batches end
// for both reasons and are unsealed out of order.
func TestRestartFindsIndexAndCursorsAsTheyWere(t *testing.T) {
	const parties, rides = 40, 5*batchSize + 7
	o := optionsIn(t, t.TempDir(), 60)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	for n := range rides {
		d := ride(t, n%parties, n/3%parties)
		d.TTL = 60 * time.Hour
		at := noon.Add(-50*time.Hour + time.Duration(n)*2*time.Minute)
		i := created(t, db, d, at)
		if n%5 != 0 {
			completed(t, db, i.ID)
		}
	}
	live, cursors := db.Counts().Live, cursorsOf(t, db, parties)
	checkAndClose(t, db)

	leavesNothing(t)
	db, err = Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer checkAndClose(t, db)
	same(t, db.Counts().Live, live)
	same(t, cursorsOf(t, db, parties), cursors)
}

func TestRestartRefusesARecordWithoutItsKey(t *testing.T) {
	leavesNothing(t)
	for name, gone := range map[string]int{"the first": 0, "one in the middle": 3 * batchSize / 2, "the last": 3*batchSize - 1} {
		t.Run(name, func(t *testing.T) {
			o := optionsIn(t, t.TempDir(), 1000)
			db, err := Open(o, noon)
			if err != nil {
				t.Fatal(err)
			}
			var key []byte
			for n := range 3 * batchSize {
				i := created(t, db, ride(t, n, n), noon.Add(time.Duration(n)*time.Millisecond))
				if n == gone {
					key = i.ID[:]
				}
			}
			err = db.file.Update(func(tx *bolt.Tx) error { // what is left of it has no key
				in := bucketInteractions.in(tx)
				return in.Put(key, in.Get(key)[titleSize:])
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(o, noon); !errors.Is(err, ErrDamaged) {
				t.Errorf("open: %v", err)
			}
		})
	}
}

// The outline is read where the whole record would be: what one refuses the
// other refuses, but for the digits of a number, of which the outline makes none.
func FuzzOutline(f *testing.F) {
	i := wholeInteraction(f)
	f.Add(encodeInteraction(&i))
	for _, heeds := range []func(*mapping.Interaction){
		func(i *mapping.Interaction) { i.Mode = mapping.ModeExtension },
		func(i *mapping.Interaction) { i.Life.Expiry = mapping.ExpirySliding },
		func(i *mapping.Interaction) { i.Life.CompleteAfter = 1 },
		func(i *mapping.Interaction) { i.Limits.Calls = 1 },
		func(i *mapping.Interaction) { i.A.Limits.Calls = 1 },
		func(i *mapping.Interaction) { i.B.Limits.Calls = 1 },
	} {
		some := mapping.Interaction{A: mapping.Party{Numbers: i.A.Numbers}, B: mapping.Party{Numbers: i.B.Numbers}}
		heeds(&some)
		f.Add(encodeInteraction(&some))
	}
	f.Add([]byte(fields{}.text(200, "new")))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o outline
		err := o.read(mapping.ID{1}, data)
		whole, wholeErr := decodeInteraction(mapping.ID{1}, data)
		if wholeErr != nil {
			return
		}
		if err != nil {
			t.Fatalf("the record is good, its outline is refused: %v", err)
		}
		same(t, string(o.pool), whole.Pool)
		same(t, mapping.DID(o.a.did), whole.A.DID)
		same(t, mapping.DID(o.b.did), whole.B.DID)
		same(t, len(o.a.numbers), len(whole.A.Numbers))
		same(t, len(o.b.numbers), len(whole.B.Numbers))
		same(t, o.interaction.ExpiresAt, whole.ExpiresAt)
		same(t, o.interaction.CompletedAt, whole.CompletedAt)
		same(t, o.interaction.CallbackUntil, whole.CallbackUntil)
		same(t, o.interaction.Life.StartsAt, whole.Life.StartsAt)
		same(t, o.interaction.HeedsCalls(), whole.HeedsCalls())
		for range 2 { // over those of before
			if err := o.identify(); err != nil {
				t.Fatal(err)
			}
			same(t, slices.Equal(o.interaction.A.Known(), whole.A.Known()), true)
			same(t, slices.Equal(o.interaction.B.Known(), whole.B.Known()), true)
		}
		same(t, max(o.interaction.Sticky, mapping.StickyOff), whole.Sticky)
	})
}

func TestIndexExpiresOnTheMillisecondRoundedUp(t *testing.T) {
	id := mapping.NewID(noon.Add(300*time.Microsecond), [10]byte{1})
	for _, life := range []time.Duration{-time.Hour, 0, 1, time.Millisecond, 77_134 * time.Millisecond, 77_134*time.Millisecond + 1, mapping.MaxTTL} {
		end := noon.Add(life)
		e := newEntry(&mapping.Interaction{ID: id, ExpiresAt: end}).of(make([]slot, 1), 0)
		up := end.Add(time.Millisecond - 1).Truncate(time.Millisecond)
		if up.Before(noon) {
			up = noon // what expired before it was made is over at once
		}
		if !e.is(firstOfAll) || e.expired(up.Add(-1)) || !e.expired(up) {
			t.Errorf("life %v: not expired exactly at %v", life, up.Sub(noon))
		}
	}
}
