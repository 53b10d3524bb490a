package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"maskd/mapping"
)

// A row that names the leaf of its key proves the number by what the leaf has sealed, for
// as long as the leaf is there. Once that is destroyed nothing proves it: who can write
// the file, and has no key, could name a destroyed leaf in any row, and have it look
// erased. So each such row has a warrant, made with a key that is never destroyed: what
// is erased is what a warrant says, or it is altered.
const warrantSize = 8 // of a digest; nobody can try one but by having us look

type warrant [warrantSize]byte

// warrantMark in the number of a leaf, or at the top of what else a row begins with, says
// that a warrant is there. No leaf has it: see [keyring.reserve]. No time and no id has it
// before the year 6429.
const (
	warrantMark     = 1 << 31
	warrantMarkByte = 1 << 7
)

// errUnwarranted is a row that names a destroyed key which is not its own.
var errUnwarranted = fmt.Errorf("it is not erased, but altered to look so: %w", ErrDamaged)

// warrant makes that of a row which names keys.
func (k *keyring) warrant(of place, keys ...buriedKey) warrant {
	s := k.warrants.states.Get().(*macState)
	defer k.warrants.states.Put(s)
	s.in = of.appendTo(s.in[:0])
	for _, b := range keys {
		s.in = b.appendTo(s.in)
	}
	d := s.sum()
	return warrant(d[:warrantSize])
}

// confirm reports whether the row has what it says by warrant of ours, which is nil if it
// has none. That is in order up to a day: so rows were kept then.
func (k *keyring) confirm(of place, made day, have []byte, keys ...buriedKey) error {
	if have == nil {
		return k.excused(made, keys...)
	}
	if want := k.warrant(of, keys...); string(want[:]) != string(have) { // nobody times us
		return errUnwarranted
	}
	return nil
}

// excused reports whether nothing need warrant what was made on a day and names keys.
func (k *keyring) excused(made day, keys ...buriedKey) error {
	s := k.set.Load()
	if s.warrants == (keySecret{}) {
		return nil // the store was not opened since
	}
	for _, b := range keys {
		made = max(made.date(), b.day.date())
	}
	if made.date() >= s.since {
		return errUnwarranted
	}
	return nil
}

// erased is [errDestroyed] if a row with a destroyed key is in order.
func (k *keyring) erased(of place, made day, have []byte, keys ...buriedKey) error {
	if err := k.confirm(of, made, have, keys...); err != nil {
		return err
	}
	return errDestroyed
}

// beginWarrants draws the key of warrants for a store that has none yet. What was made up
// to this day has none.
func (k *keyring) beginWarrants(at time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := *k.set.Load()
	if next.warrants != (keySecret{}) {
		return nil
	}
	if _, err := io.ReadFull(k.rand, next.warrants[:]); err != nil {
		return fmt.Errorf("draw key: %w", err)
	}
	next.since = dayAt(at) + 1
	for d := range next.days {
		next.since = max(next.since, d.date()+1)
	}
	k.warrants = newMAC(next.warrants[:])
	return k.put(&next)
}

// title is what a row says of its key: which leaf it is, and by what warrant.
type title struct {
	leaf    uint32
	warrant []byte // nil: it has none
}

// titleSize is the size of a title with a warrant.
const titleSize = leafSize + warrantSize

func (k *keyring) appendTitle(b []byte, of place, key buriedKey) []byte {
	w := k.warrant(of, key)
	return append(binary.BigEndian.AppendUint32(b, key.leaf|warrantMark), w[:]...)
}

// splitTitle cuts a title off what the key seals.
func splitTitle(row []byte) (t title, sealed []byte, err error) {
	if t.leaf, sealed, err = splitKey(row); err != nil || t.leaf&warrantMark == 0 {
		return t, sealed, err
	}
	if len(sealed) < warrantSize {
		return t, nil, errKeyMissing
	}
	return title{t.leaf &^ warrantMark, sealed[:warrantSize]}, sealed[warrantSize:], nil
}

// of returns the key that the title of an interaction names.
func (t title) of(id mapping.ID) buriedKey { return buriedKey{dayOf(id), t.leaf} }

// confirmDestroyed passes on why a key is not there, and sees that one which is destroyed
// is that of the interaction.
func (k *keyring) confirmDestroyed(id mapping.ID, t title, err error) error {
	if !errors.Is(err, errDestroyed) {
		return err
	}
	return k.erased(place{bucketInteractions, id[:]}, dayOf(id), t.warrant, t.of(id))
}
