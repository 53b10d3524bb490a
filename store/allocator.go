package store

import (
	"errors"
	"sync"
	"time"

	"maskd/mapping"
)

// allocator gives out DIDs: it knows which slots are free, and for each party
// which DID it was given last.
type allocator struct {
	// Immutable.
	slots   *mac // digests (DID, caller)
	parties *mac // digests (pool, first number of the party)
	index   *index

	// Guarded by mu, which also makes choosing and holding one step.
	mu      sync.Mutex
	cursors map[party]uint32 // where in its pool a party's next search begins
}

// party stands for one (pool, first number) pair: the first 64 bits of its
// digest. Two parties with the same one would share a cursor, which does no harm.
type party [8]byte

func partyOf(d digest) party { return party(d[:len(party{})]) }

func newAllocator(slots, parties *mac, x *index) *allocator {
	return &allocator{slots: slots, parties: parties, index: x, cursors: make(map[party]uint32)}
}

// slot returns the slot of a (DID, caller) key.
func (a *allocator) slot(did mapping.DID, caller mapping.Number) slot {
	return slotOf(a.slots.number(string(did), caller))
}

// slotsOf returns the slots of an interaction: one for each number of each party.
func (a *allocator) slotsOf(i *mapping.Interaction) []slot {
	slots := make([]slot, 0, len(i.A.Numbers)+len(i.B.Numbers))
	for _, party := range []mapping.Party{i.A, i.B} {
		for _, n := range party.Numbers {
			slots = append(slots, a.slot(party.DID, n))
		}
	}
	return slots
}

// hold chooses the DIDs for a draft and holds their slots for the interaction
// that comes of it. It fails with a [mapping.ExhaustedError].
func (a *allocator) hold(d *mapping.Draft, pool *mapping.Pool, id mapping.ID, at time.Time) (mapping.Interaction, []slot, error) {
	sideA, sideB := partyOf(a.parties.number(pool.Name, d.A[0])), partyOf(a.parties.number(pool.Name, d.B[0]))
	a.mu.Lock()
	defer a.mu.Unlock()
	choice, err := mapping.Allocate(d.Numbering, len(pool.DIDs),
		a.availability(sideA, pool, d.A, at), a.availability(sideB, pool, d.B, at))
	if err != nil {
		return mapping.Interaction{}, nil, inPool(err, pool.Name)
	}
	i := d.Bind(id, pool.DIDs[choice.A], pool.DIDs[choice.B], at)
	slots := a.slotsOf(&i)
	a.index.hold(slots, id)
	a.cursors[sideA], a.cursors[sideB] = uint32(choice.A)+1, uint32(choice.B)+1
	return i, slots, nil
}

func (a *allocator) availability(p party, pool *mapping.Pool, numbers []mapping.Number, at time.Time) mapping.Availability {
	return mapping.Availability{
		Cursor: int(a.cursors[p]),
		Free: func(did int) bool {
			for _, n := range numbers {
				if !a.index.free(a.slot(pool.DIDs[did], n), at) {
					return false
				}
			}
			return true
		},
	}
}

// inPool names the pool in an exhaustion.
func inPool(err error, pool string) error {
	var exhausted *mapping.ExhaustedError
	if errors.As(err, &exhausted) {
		exhausted.Pool = pool
	}
	return err
}
