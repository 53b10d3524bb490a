package sip

import (
	"slices"
	"time"

	"maskd/sip/leg"
)

// path is the way by which a key came.
type path uint8

// The paths. A phone may tell of each key on both, in whichever order, and use now
// the one and now the other.
const (
	inSound  path = iota + 1 // an event of RFC 4733
	inDialog                 // an INFO
)

// unison is how far apart a phone tells of one key on both paths: an INFO that is
// lost twice comes a second and a half late (RFC 3261 section 17.1.2.2).
const unison = 2 * time.Second

// keypad follows the keys of a leg's phone.
type keypad struct {
	told []keystroke // on one path, and not yet on the other
}

// keystroke is a key that one path has told of.
type keystroke struct {
	key  uint8
	by   path
	over time.Time
}

// isCopy reports whether a key that was let go now is one that the other path has told
// of before.
func (k *keypad) isCopy(d leg.Digit, by path, now time.Time) bool {
	begun := now.Add(-d.Duration)
	k.told = slices.DeleteFunc(k.told, func(s keystroke) bool { return begun.Sub(s.over) > unison })
	n := slices.IndexFunc(k.told, func(s keystroke) bool { return s.key == d.Key && s.by != by })
	if n >= 0 {
		k.told = slices.Delete(k.told, n, n+1)
		return true
	}
	k.told = append(k.told, keystroke{d.Key, by, now})
	return false
}
