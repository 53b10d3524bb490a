package store

import (
	"errors"
	"testing"
)

// A bit of any byte of the file of keys: it opens nothing, and it is said that it may be that.
func TestAnyByteOfTheFileOfKeysIsProved(t *testing.T) {
	o := closedStore(t)
	root, err := rootKey(o, false)
	if err != nil {
		t.Fatal(err)
	}
	whole := contents(t, o.Keys)
	for at := range whole {
		whole[at] ^= 1 << (at % 8)
		write(t, o.Keys, string(whole))
		if _, err := openKeys(o.Keys, root, nil); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrKeyWrong) {
			t.Errorf("byte %d: %v", at, err)
		}
		whole[at] ^= 1 << (at % 8)
	}
}
