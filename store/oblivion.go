package store

import (
	"errors"
	"fmt"

	"maskd/mapping"
)

// DestroyKeys destroys the data keys of interactions, durably: from now on no
// file that there is, was or will be of this store gives back what they sealed,
// a backup included. It does not touch the records, which are for the caller to
// remove. An interaction that is not there has none.
//
// The file of keys is written anew without them. Copies of it that were made
// before still have them: they must not be kept.
func (db *DB) DestroyKeys(ids ...mapping.ID) error {
	leaves := make(map[day][]uint32)
	err := db.views.read(func(v *view) error {
		for _, id := range ids {
			t, _, err := v.title(id)
			if errors.Is(err, errKeyMissing) {
				continue
			}
			if err != nil {
				return err
			}
			leaves[dayOf(id)] = append(leaves[dayOf(id)], t.leaf)
		}
		return nil
	})
	if err == nil {
		err = db.keys.destroy(leaves)
	}
	if err != nil {
		return fmt.Errorf("destroy keys: %w", err)
	}
	return nil
}

// destroy removes leaves from the trees of their days.
func (k *keyring) destroy(leaves map[day][]uint32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.set.Load()
	next := s
	for d, gone := range leaves {
		keys := next.days[d]
		if keys == nil {
			continue
		}
		left := keys.branch
		for _, leaf := range gone {
			left = left.without(leaf)
		}
		next = next.with(d, &dayKeys{foliage: foliage{branch: left}, reserved: keys.reserved})
	}
	if next == s {
		return nil
	}
	return k.put(next)
}

// destroyDays leaves the days before the given one without their trees of a kind, but
// for those that are to be kept. What is made on such a day later, by a clock that was
// turned back, has a new one.
func (k *keyring) destroyDays(of, before day, keep map[day]bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.set.Load()
	next := s
	for d := range s.days {
		if d-d.date() == of && d.date() < before && !keep[d.date()] {
			next = next.with(d, nil)
			delete(k.given, d)
		}
	}
	if next == s {
		return nil
	}
	return k.put(next)
}
