package store

import (
	"math"
	"time"

	"maskd/mapping"
)

// A released slot rests, and is remembered for as long as a cool-down may ask,
// and after that for as long as there is room, to tell how late a DID comes back
// to a party.
const (
	// remembered is how many slots of a shard are kept that need not be: a million
	// in all, which take 40 MB. The one that makes way is any of them.
	remembered = 4096
	// recalled is how far back a start looks for them.
	recalled = 24 * time.Hour
	// looked is how many are looked at in search of one that can make way. If
	// there is none among them, most have to be kept.
	looked = 8
)

// kept returns for how long a released slot has to be remembered.
func (x *index) kept() time.Duration { return time.Duration(x.coolDown.Load()) }

// rest remembers when a slot was released; the shard is locked. A PIN needs none:
// nobody redials one.
func (x *index) rest(sh *shard, s slot, at time.Time) {
	if s.kind() == ofPIN {
		return
	}
	released := at.Add(time.Millisecond - 1).UnixMilli()
	raise(&x.lines.of(s).freed, released)
	if _, known := sh.rested[s]; !known && len(sh.rested) >= remembered {
		x.makeWay(sh, at)
	}
	sh.rested[s] = max(sh.rested[s], released)
}

// makeWay forgets a slot that need not be remembered; the shard is locked.
func (x *index) makeWay(sh *shard, at time.Time) {
	left := looked
	for s, released := range sh.rested { // in no order
		if x.over(released, at) {
			delete(sh.rested, s)
			return
		}
		if left--; left == 0 {
			return
		}
	}
}

// over reports whether a slot that was released then need not be remembered.
func (x *index) over(released int64, at time.Time) bool {
	return !at.Before(time.UnixMilli(released).Add(x.kept()))
}

// forgetRested forgets what there is no room for; the shard is locked.
func (x *index) forgetRested(sh *shard, at time.Time) {
	for s, released := range sh.rested {
		if len(sh.rested) <= remembered {
			return
		}
		if x.over(released, at) {
			delete(sh.rested, s)
		}
	}
}

// age returns how long ago the last of the slots was released, as far as that
// is remembered; zero if it is not. What was released just now is of the least
// age there is.
func (x *index) age(slots []slot, at time.Time) time.Duration {
	const unknown = time.Duration(math.MaxInt64)
	age := unknown
	for _, s := range slots {
		if released, ok := x.released(s); ok {
			age = min(age, max(at.Sub(released), 1))
		}
	}
	if age == unknown {
		return 0
	}
	return age
}

// released returns when a slot that is nobody's was released.
func (x *index) released(s slot) (time.Time, bool) {
	sh := x.shard(s)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if e, live := sh.live[s]; live { // expired, and not swept yet
		return e.over(), true
	}
	released, ok := sh.rested[s]
	return time.UnixMilli(released), ok
}

// note tells each party of an interaction that is being made how late its DID
// comes back to it. The slots of the numbers are the first of all.
func (x *index) note(i *mapping.Interaction, slots []slot) {
	a, b := slots[:len(i.A.Numbers)], slots[len(i.A.Numbers):][:len(i.B.Numbers)]
	i.A.ReuseAge, i.B.ReuseAge = x.age(a, i.CreatedAt), x.age(b, i.CreatedAt)
}
