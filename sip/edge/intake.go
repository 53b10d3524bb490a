package edge

import (
	"errors"
	"hash/maphash"
	"sync"
	"time"
)

// ErrOverload: the daemon has more to do than it can.
var ErrOverload = errors.New("daemon is overloaded")

// The bounds of what an intake remembers. A peer repeats an INVITE for 32 s at
// most; one that was refused must be refused again, and one that was admitted
// must not be refused when it comes again.
const (
	remembered    = 32 * time.Second
	maxRemembered = 1 << 17
	// unheard is after how long an INVITE that was admitted and became no call is
	// forgotten: the parser took it for no INVITE, or the transaction layer for
	// the repetition of another. It is T1: whoever waits longer asks again.
	unheard = 500 * time.Millisecond
)

// intake is where the governor stands: it sees each new INVITE once, whatever
// comes of it, and however often it comes. Safe for use by many goroutines.
type intake struct {
	seed maphash.Seed

	mu       sync.Mutex
	governor governor
	begun    time.Time // of the recent ones
	recent   map[intakeKey]decision
	older    map[intakeKey]decision
	waiting  map[intakeKey]admission // admitted, and not begun; the governor bounds them
	queue    []admission             // the same and some that have begun, in order of time
}

// intakeKey names an INVITE: its trunk, Call-ID and number. 0 is none.
type intakeKey uint64

// decision is what was decided of an INVITE.
type decision uint8

const (
	isAdmitted decision = iota + 1
	isShed
)

// admission is an INVITE's that has not begun to be a call.
type admission struct {
	key     intakeKey
	arrived time.Time
	at      time.Time
}

func newIntake() *intake {
	return &intake{seed: maphash.MakeSeed(), recent: make(map[intakeKey]decision), older: make(map[intakeKey]decision),
		waiting: make(map[intakeKey]admission)}
}

// key is drawn with a seed of this process, so that nobody can make two alike.
func (k *intake) key(trunk, callID string, number uint32) intakeKey {
	var h maphash.Hash
	h.SetSeed(k.seed)
	_, _ = h.WriteString(trunk)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(callID)
	return intakeKey(h.Sum64() ^ uint64(number))
}

// admit reports whether an INVITE that arrived a while ago may become a call.
func (k *intake) admit(key intakeKey, arrived, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d := k.decided(key); d != 0 {
		return d == isAdmitted
	}
	k.forget(now)
	if !k.governor.admit(now) {
		k.recent[key] = isShed
		return false
	}
	k.recent[key] = isAdmitted
	a := admission{key: key, arrived: arrived, at: now}
	k.waiting[key] = a
	k.queue = append(k.queue, a)
	return true
}

// decided returns what was decided of an INVITE; 0 if nothing was.
func (k *intake) decided(key intakeKey) decision {
	if d, known := k.recent[key]; known {
		return d
	}
	return k.older[key]
}

// begin begins the set-up of a call. It uses up its INVITE's admission: another
// transaction of the same name is asked for anew. Errors: ErrOverload.
func (k *intake) begin(key intakeKey, now time.Time) (setup, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, waits := k.waiting[key]; waits {
		delete(k.waiting, key)
		k.governor.begin()
		return setup{intake: k, since: a.arrived}, nil
	}
	d := k.decided(key)
	k.forget(now)
	if d == isShed || !k.governor.admit(now) {
		if d == 0 {
			k.recent[key] = isShed
		}
		return setup{}, ErrOverload
	}
	k.recent[key] = isAdmitted
	k.governor.begin()
	return setup{intake: k, since: now}, nil
}

// refuse tells that an INVITE has been refused before it was a call. What it
// has waited for that says how busy we are, as a call's set-up does.
func (k *intake) refuse(key intakeKey, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, waits := k.waiting[key]; waits {
		delete(k.waiting, key)
		k.governor.begin()
		k.governor.settle(now, now.Sub(a.arrived))
	}
}

// shut has an INVITE refused when it comes again: it was told that there is no room, and
// whoever sent it may have found another way. No transaction remembers it.
func (k *intake) shut(key intakeKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recent[key] = isShed
}

// drop tells that a datagram which was admitted is no INVITE.
func (k *intake) drop(key intakeKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dismiss(key)
}

func (k *intake) dismiss(key intakeKey) {
	if _, waits := k.waiting[key]; waits {
		delete(k.waiting, key)
		k.governor.forget()
	}
}

// forget lets go of what is remembered for long enough, and of those that were
// admitted and never heard of again.
func (k *intake) forget(now time.Time) {
	if now.Sub(k.begun) > remembered || len(k.recent) >= maxRemembered {
		k.recent, k.older, k.begun = k.older, k.recent, now
		clear(k.recent)
	}
	gone := 0
	for ; gone < len(k.queue); gone++ {
		a := k.queue[gone]
		waits := k.waiting[a.key] == a
		if waits && now.Sub(a.at) < unheard {
			break
		}
		if waits {
			k.dismiss(a.key)
		}
	}
	if gone == len(k.queue) { // mostly: its place is for those who come
		gone, k.queue = 0, k.queue[:0]
	}
	k.queue = k.queue[gone:]
}

// setup is the set-up of a call, as the intake counts it. It belongs to one
// goroutine. The zero one is over.
type setup struct {
	intake *intake
	since  time.Time
}

// begun reports whether the set-up is not over.
func (s *setup) begun() bool { return s.intake != nil }

// settle tells that all that could be done at once for the call has been done.
// It may be told several times.
func (s *setup) settle(now time.Time) {
	if !s.begun() {
		return
	}
	s.intake.mu.Lock()
	defer s.intake.mu.Unlock()
	s.intake.governor.settle(now, now.Sub(s.since))
	s.intake = nil
}
