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
	// unheard is after how long an INVITE that was admitted and never became a
	// call is forgotten: the parser took it for no INVITE.
	unheard = 2 * time.Second
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
	pending  []pendingCall // admitted, in order of time
}

// intakeKey names an INVITE: its trunk, Call-ID and number.
type intakeKey uint64

// decision is what was decided of an INVITE, and what became of it.
type decision struct {
	is fate
	at time.Time
}

type fate uint8

const (
	isAdmitted fate = iota + 1
	isSettled
	isShed
)

type pendingCall struct {
	key intakeKey
	at  time.Time
}

func newIntake() *intake {
	return &intake{seed: maphash.MakeSeed(), recent: make(map[intakeKey]decision), older: make(map[intakeKey]decision)}
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
	if d, known := k.find(key); known {
		return d.is != isShed
	}
	k.forget(now)
	d := decision{is: isShed, at: arrived}
	if k.governor.admit(now) {
		d.is = isAdmitted
		k.pending = append(k.pending, pendingCall{key: key, at: arrived})
	}
	k.recent[key] = d
	return d.is == isAdmitted
}

func (k *intake) find(key intakeKey) (d decision, known bool) {
	if d, known = k.recent[key]; !known {
		d, known = k.older[key]
	}
	return d, known
}

// settle tells that an admitted INVITE has been dealt with. It may be told
// several times.
func (k *intake) settle(key intakeKey, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d, known := k.find(key); known && d.is == isAdmitted {
		k.governor.settle(now, now.Sub(d.at))
		k.recent[key] = decision{is: isSettled, at: d.at}
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
	for ; gone < len(k.pending); gone++ {
		p := k.pending[gone]
		d, known := k.find(p.key)
		waits := known && d.is == isAdmitted
		if waits && now.Sub(p.at) < unheard {
			break
		}
		if waits {
			k.recent[p.key] = decision{is: isSettled, at: p.at}
		}
		if waits || !known {
			k.governor.forget()
		}
	}
	k.pending = k.pending[gone:]
}

// seat takes a place for a call, if the daemon and the trunk have one. Errors:
// ErrOverload, ErrLimit.
func (e *Edge) seat(trunk *Trunk, key intakeKey) (seat, error) {
	now := time.Now()
	if !e.intake.admit(key, now, now) {
		return seat{}, ErrOverload
	}
	s, err := trunk.quota.enter(now)
	if err != nil {
		e.intake.settle(key, now)
	}
	return s, err
}
