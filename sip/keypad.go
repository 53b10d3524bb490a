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

// clinging is for how long after a PIN was judged a copy of its keys may come, the last of which may
// have been held for some seconds. Then nothing is to be known of them any more.
const clinging = 5 * unison

// mostTold keys are told of on one path while nothing is heard on the other: more than anybody presses
// in that time.
const mostTold = 32

// keypad follows the keys of a leg's phone. A PIN may be among them, so what it has forgotten is
// nowhere in memory.
type keypad struct {
	told []keystroke // on one path, and not yet on the other; has room for mostTold, or none
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
	k.forget(now.Add(-d.Duration))
	n := slices.IndexFunc(k.told, func(s keystroke) bool { return s.key == d.Key && s.by != by })
	if n >= 0 {
		k.told = slices.Delete(k.told, n, n+1)
		return true
	}
	k.tell(keystroke{d.Key, by, now})
	return false
}

// tell keeps a key until the other path tells of it. To grow would leave copies behind.
func (k *keypad) tell(s keystroke) {
	switch len(k.told) {
	case 0:
		k.told = slices.Grow(k.told, mostTold)
	case mostTold:
		k.told = slices.Delete(k.told, 0, 1)
	}
	k.told = append(k.told, s)
}

// forget wipes the keys of which the other path would have told by a time.
func (k *keypad) forget(by time.Time) {
	k.told = slices.DeleteFunc(k.told, func(s keystroke) bool { return by.Sub(s.over) > unison })
}

// wipe forgets all keys.
func (k *keypad) wipe() {
	clear(k.told)
	k.told = k.told[:0]
}

// wipeKeys forgets what the parties have pressed.
func (c *call) wipeKeys() {
	c.entry = entry{}
	for end := range c.keypads {
		c.keypads[end].wipe()
	}
}
