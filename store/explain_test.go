package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

// lastOf returns the latest interaction that ever had the key, by brute force.
func (m *model) lastOf(did mapping.DID, caller mapping.Number) (last mapping.ID) {
	for n := range m.list {
		if i := &m.list[n]; i.SideOf(did, caller) != 0 && string(i.ID[:]) > string(last[:]) {
			last = i.ID
		}
	}
	return last
}

// TestAnExplanationIsTheDecision asks about every key of random directories.
func TestAnExplanationIsTheDecision(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 9))
	explained := make(map[mapping.Refusal]int)
	for range 20 {
		db, err := Open(optionsIn(t, t.TempDir(), 3), noon)
		if err != nil {
			t.Fatal(err)
		}
		m := &model{db: db, at: noon}
		for range 12 {
			m.at = m.at.Add(time.Duration(random.IntN(40)) * time.Second)
			m.change(t, random)
		}
		for _, did := range dids(t, 3) {
			for n := range 4 {
				m.explain(t, did, rider(t, n), explained)
				m.explain(t, did, driver(t, n), explained)
			}
		}
		if err := errors.Join(db.Check(t.Context(), m.at), db.Close()); err != nil {
			t.Errorf("check: %v", err)
		}
	}
	for _, r := range []mapping.Refusal{0, mapping.RefusalUnknown, mapping.RefusalExpired} {
		if explained[r] == 0 {
			t.Errorf("no decision of these directories was %q", r)
		}
	}
}

// change creates an interaction, or completes one.
func (m *model) change(t *testing.T, random *rand.Rand) {
	if len(m.list) > 0 && random.IntN(3) == 0 {
		n := random.IntN(len(m.list))
		i, err := m.db.Complete(t.Context(), m.list[n].ID, "", m.at)
		if err != nil {
			t.Fatal(err)
		}
		m.list[n] = i
		return
	}
	d := ride(t, random.IntN(4), random.IntN(4))
	d.TTL = time.Duration(60+random.IntN(120)) * time.Second
	if i, _, err := m.db.Create(t.Context(), d, m.at); err == nil {
		m.list = append(m.list, i)
	}
}

func (m *model) explain(t *testing.T, did mapping.DID, caller mapping.Number, explained map[mapping.Refusal]int) {
	t.Helper()
	route, refusal := m.db.Resolve(did, caller, m.at)
	e, err := m.db.Explain(t.Context(), did, caller, m.at)
	if err != nil || !reflect.DeepEqual(e.Route, route) || e.Refusal != refusal {
		t.Errorf("explained as %q, decided %q: %v", e.Refusal, refusal, err)
	}
	explained[refusal]++
	steps := e.Explain()
	if last := steps[len(steps)-1]; last.Passed != (refusal == 0) {
		t.Errorf("%q is explained with %s: %s", refusal, last.Check, last.Finding)
	}
	var named mapping.ID
	if e.Interaction != nil {
		named = e.Interaction.ID
	}
	if want := m.lastOf(did, caller); named != want || e.Partial {
		t.Errorf("%q names %s, the last to have the key is %s", refusal, named.Text(mapping.KindInteraction), want.Text(mapping.KindInteraction))
	}
}

func TestAnExplanationEndsWithItsContext(t *testing.T) {
	db := newStore(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Explain(ctx, "+15550100000", rider(t, 1), noon); err == nil {
		t.Error("searched for nobody")
	}
}

// TestTheSearchGoesBackOverPages needs more than one.
func TestTheSearchGoesBackOverPages(t *testing.T) {
	db := newStore(t, 3)
	first := created(t, db, ride(t, 0, 0), noon)
	completed(t, db, first.ID)
	var wait sync.WaitGroup
	for n := range maxPage + 10 {
		wait.Go(func() { created(t, db, ride(t, 1+n, 1+n), noon.Add(time.Second)) })
	}
	wait.Wait()
	e, err := db.Explain(t.Context(), first.A.DID, rider(t, 0), noon)
	if err != nil || e.Interaction == nil || e.Interaction.ID != first.ID {
		t.Errorf("found %v, %v", e.Interaction, err)
	}
}

func dids(t *testing.T, size int) []mapping.DID {
	pool, _ := poolOf(t, size).Named(mapping.DefaultPool)
	return pool.DIDs
}
