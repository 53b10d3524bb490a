package store

import (
	"context"
	"sync"
	"time"

	"maskd/mapping"
)

// allocator gives out DIDs: it knows which slots are free, for each party
// which DID it was given last, and what sticky pairs had.
type allocator struct {
	// Immutable.
	slots   *shorthand // digests (DID, caller)
	parties *shorthand // digests (pool, first number of the party), and pairs of them
	index   *index
	lines   *lines
	roster  *roster

	queue *queue // of the writer, which waits for whoever is about to hold something

	long chan struct{} // has room for one: the search that takes long; entered before mu is taken

	// Guarded by mu, which also makes choosing and holding one step.
	mu       sync.Mutex
	cursors  *cursors          // where in its pool a party's next search begins
	pairs    map[party]earlier // what two parties had together, where that matters
	occupied occupancy
	census   census
}

// party stands for one (pool, first number) pair: the first 64 bits of its
// digest. Two parties with the same one would share a cursor, which does no harm.
type party [8]byte

func partyOf(d digest) party { return party(d[:len(party{})]) }

// earlier is the DIDs that a pair had in its last interaction, A's first.
type earlier [2]mapping.DID

func newAllocator(slots, parties *shorthand, x *index, r *roster) *allocator {
	return &allocator{
		slots: slots, parties: parties, index: x, lines: x.lines, roster: r,
		long: make(chan struct{}, 1), cursors: newCursors(), pairs: make(map[party]earlier), occupied: make(occupancy), census: make(census),
	}
}

// hold chooses the DIDs for a draft and holds their slots for the interaction
// that comes of it. It fails with a [mapping.ExhaustedError], a [mapping.QuotaError], or the
// error of the context if that ends while somebody else seeks long.
func (a *allocator) hold(ctx context.Context, d *mapping.Draft, pool *mapping.Pool, id mapping.ID, at time.Time) (mapping.Interaction, []slot, error) {
	s := &search{alloc: a, pool: pool, mode: d.Mode, id: id, at: at, turns: turns{ctx: ctx}}
	s.a = a.seeker(pool, d.A, [2][]byte{pinDigits(d.PINA.Given), []byte(d.Strangers.Extension.Digits())})
	s.b = a.seeker(pool, d.B, [2][]byte{pinDigits(d.PINB.Given)})
	a.mu.Lock()
	defer a.mu.Unlock()
	defer s.end()
	choice, err := s.choice(d)
	if err != nil {
		return mapping.Interaction{}, nil, err
	}
	i := d.Bind(id, pool.DIDs[choice.A], pool.DIDs[choice.B], at)
	slots := a.slotsOf(&i)
	a.index.note(&i, slots)
	a.index.hold(slots, id)
	a.cursors.set(s.a.party, uint32(choice.A)+1)
	if len(d.B) > 0 {
		a.cursors.set(s.b.party, uint32(choice.B)+1)
	}
	a.remember(&i, pool)
	return i, slots, nil
}

// remember keeps what only some policies need; mu is held.
func (a *allocator) remember(i *mapping.Interaction, pool *mapping.Pool) {
	if i.Sticky > mapping.StickyOff {
		a.pairs[a.pair(pool, i.A.Numbers, i.B.Numbers)] = earlier{i.A.DID, i.B.DID}
	}
	if pool.MaxPairs > 0 {
		a.occupied.take(i)
	}
	a.count(i)
}

// count counts the interaction where its tenant may have so many only; mu is held.
func (a *allocator) count(i *mapping.Interaction) {
	if a.roster.pools().AllowanceOf(i.Tenant).MaxLive > 0 {
		a.census.take(i)
	}
}

// pair returns what stands for two parties together; where strangers are the
// second, for the first and nobody.
func (a *allocator) pair(pool *mapping.Pool, first, second []mapping.Number) party {
	return partyOf(a.parties.pair(pool.Name, foremost(first), foremost(second)))
}

// foremost returns the first of a party's numbers; none of strangers'.
func foremost(numbers []mapping.Number) (n mapping.Number) {
	if len(numbers) > 0 {
		n = numbers[0]
	}
	return n
}

// release gives back the slots of an interaction, which rest from the given
// time on.
func (a *allocator) release(i *mapping.Interaction, slots []slot, at time.Time) {
	a.index.release(slots, i.ID, at)
	a.vacate(i)
}

// abandon gives back the slots of an interaction that is not made: nobody has
// seen its DIDs.
func (a *allocator) abandon(i *mapping.Interaction, slots []slot) {
	a.index.forget(slots, i.ID)
	a.vacate(i)
}

func (a *allocator) vacate(i *mapping.Interaction) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.occupied.leave(i)
	a.census.leave(i)
}
