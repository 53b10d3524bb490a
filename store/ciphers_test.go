package store

import (
	"errors"
	"testing"

	"maskd/mapping"
)

// What is destroyed is not given out because somebody had it a moment ago.
func TestNoCipherOutlivesItsKey(t *testing.T) {
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)
	key := db.titleOf(t, i.ID).of(i.ID)
	if _, err := db.keys.sealer(key.day, key.leaf); err != nil {
		t.Fatal(err)
	}
	if err := db.DestroyKeys(i.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.keys.sealer(key.day, key.leaf); !errors.Is(err, errDestroyed) {
		t.Errorf("the cipher of a destroyed key is given out: %v", err)
	}
	if db.keys.ciphers.slot(key).Load() != nil {
		t.Error("it is kept")
	}
}

// Nor because it was made as the key was destroyed.
func TestACipherMadeAsItsKeyIsDestroyedIsNotGivenOut(t *testing.T) {
	var c ciphers
	key := buriedKey{1, 1}
	if _, err := c.of(key, func(day, uint32) (keySecret, error) { c.forget(); return keySecret{}, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.of(key, func(day, uint32) (keySecret, error) { return keySecret{}, errDestroyed }); !errors.Is(err, errDestroyed) {
		t.Errorf("it is given out: %v", err)
	}
}

// Two keys in one place are told apart.
func TestACipherIsThatOfItsKey(t *testing.T) {
	var c ciphers
	derive := func(d day, leaf uint32) (keySecret, error) { return keySecret{byte(d), byte(leaf >> 11)}, nil }
	at := place{bucketInteractions, nil}
	for range 3 {
		for n := range uint32(5) {
			key := buriedKey{1, n << 11}
			cipher, err := c.of(key, derive)
			if err != nil {
				t.Fatal(err)
			}
			secret, _ := derive(key.day, key.leaf)
			own, err := newAEAD(secret[:])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := at.open(own, at.seal(cipher, []byte("sealed"))); err != nil {
				t.Errorf("leaf %d: %v", n, err)
			}
		}
	}
}

func (db *DB) titleOf(t *testing.T, id mapping.ID) (of title) {
	t.Helper()
	err := db.views.read(func(v *view) (err error) {
		of, _, err = v.title(id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return of
}
