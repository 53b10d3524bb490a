package store

import (
	"errors"
	"time"

	"maskd/mapping"
)

// search is one search for the DIDs of two parties; the allocator's mutex is
// held while it runs, but between its turns.
type search struct {
	alloc    *allocator
	pool     *mapping.Pool
	mode     mapping.Mode
	id       mapping.ID // of the interaction to be
	at       time.Time
	coolDown time.Duration
	a, b     seeker
	turns
}

// seeker is a party that seeks a DID.
type seeker struct {
	party   party
	numbers []mapping.Number
	typed   [2][]byte // digits that are to be the party's on its DID: a PIN, an extension; empty: none
	ranking mapping.Ranking
}

// seeker returns a party that seeks a DID; strangers have no numbers.
func (a *allocator) seeker(pool *mapping.Pool, numbers []mapping.Number, typed [2][]byte) seeker {
	return seeker{party: partyOf(a.parties.number(pool.Name, foremost(numbers))), numbers: numbers, typed: typed}
}

// rank finds out what each party would rather have.
func (s *search) rank(d *mapping.Draft) {
	s.a.ranking = mapping.Ranking{Number: foremost(d.A), Wish: d.WishA, Sticky: d.Sticky}
	s.b.ranking = mapping.Ranking{Number: foremost(d.B), Wish: d.WishB, Sticky: d.Sticky}
	if d.Sticky > mapping.StickyOff {
		had := s.alloc.pairs[s.alloc.pair(s.pool, d.A, d.B)]
		s.a.ranking.Earlier, s.b.ranking.Earlier = s.current(had[0], d), s.current(had[1], d)
		if d.Numbering == mapping.NumberingShared != (had[0] == had[1]) { // they had it otherwise numbered
			s.a.ranking.Earlier, s.b.ranking.Earlier = "", ""
		}
	}
	if len(s.pool.Reserved) > 0 {
		reserved := s.alloc.roster.pools().Reserved
		s.a.ranking.Reserved, s.b.ranking.Reserved = reserved, reserved
	}
	if s.pool.WarmUp > 0 {
		s.a.ranking.WarmUp, s.b.ranking.WarmUp = s.passes, s.passes
	}
}

// current returns the DID if the pool still has it.
func (s *search) current(did mapping.DID, d *mapping.Draft) mapping.DID {
	if pool, ok := s.alloc.roster.pools().Holding(did); !ok || pool.Name != d.Pool {
		return ""
	}
	return did
}

// passes reports whether a new DID lets its turn pass.
func (s *search) passes(did mapping.DID) bool {
	return s.alloc.roster.condition(did).Passes(s.id, did, s.pool.WarmUp, s.at)
}

// choice is what the draft gets. If somebody was let in between, nobody is any more while
// what was found is looked at again; if that, or its tenant's last place, was taken
// meanwhile, it is sought again.
func (s *search) choice(d *mapping.Draft) (mapping.Choice, error) {
	for {
		if err := s.room(d.Tenant); err != nil {
			return mapping.Choice{}, err
		}
		s.rank(d)
		c, err := s.run(d.Numbering)
		if s.gone != nil {
			return mapping.Choice{}, s.gone
		}
		if err != nil || !s.aside || s.firm {
			return c, err
		}
		s.firm = true
		if s.room(d.Tenant) == nil && s.free(&s.a, s.pool.DIDs[c.A]) && s.free(&s.b, s.pool.DIDs[c.B]) {
			return c, nil
		}
	}
}

// room reports, by a [mapping.QuotaError], that a tenant has as many interactions as it may.
func (s *search) room(t mapping.Tenant) error {
	return s.alloc.census.room(t, s.alloc.roster.pools().AllowanceOf(t).MaxLive, s.at)
}

// run chooses; if the cool-down leaves nothing it is shortened as far as the
// pool allows.
func (s *search) run(n mapping.Numbering) (mapping.Choice, error) {
	s.coolDown = s.pool.CoolDown
	choice, err := s.choose(n)
	if err != nil && s.pool.Shortened() < s.coolDown {
		s.coolDown = s.pool.Shortened()
		choice, err = s.choose(n)
	}
	var exhausted *mapping.ExhaustedError
	if errors.As(err, &exhausted) {
		exhausted.Pool = s.pool.Name
		exhausted.NextFreeAt = s.nextFreeAt(exhausted.Blocking)
	}
	return choice, err
}

func (s *search) choose(n mapping.Numbering) (mapping.Choice, error) {
	return mapping.Allocate(n, len(s.pool.DIDs), s.availability(&s.a), s.availability(&s.b))
}

func (s *search) availability(p *seeker) mapping.Availability {
	v := mapping.Availability{
		Cursor: int(s.alloc.cursors.of(p.party)),
		Free:   func(n int) bool { return s.free(p, s.pool.DIDs[n]) },
	}
	if !p.ranking.Indifferent() {
		v.Rank = func(n int) int { return p.ranking.Of(s.pool.DIDs[n]) }
	}
	if s.mode == mapping.ModeExtension {
		v.Rank = func(n int) int { return s.gathered(p.ranking.Of, s.pool.DIDs[n]) }
	}
	return v
}

func (s *search) free(p *seeker, did mapping.DID) bool {
	if !s.pass() || s.alloc.roster.condition(did).At(s.at) != mapping.StandingActive {
		return false
	}
	for _, n := range p.numbers {
		if !s.alloc.index.free(s.alloc.slot(did, n), s.at, s.coolDown) {
			return false
		}
	}
	for _, digits := range p.typed {
		if !s.typedIsFree(did, digits) {
			return false
		}
	}
	return s.lineIsFree(did) && !s.alloc.occupied.full(did, s.pool.MaxPairs, s.at)
}

// nextFreeAt returns when the party that is blocked can have a DID if nothing
// is completed before: the first moment at which one of those that it can't
// have now, and would take, is free.
func (s *search) nextFreeAt(blocking mapping.Side) (first time.Time) {
	p := &s.a
	if blocking == mapping.SideB {
		p = &s.b
	}
	for _, did := range s.pool.DIDs {
		at, known := s.freeAt(p, did)
		if known && at.After(s.at) && p.ranking.Of(did) >= 0 && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first.UTC()
}

// freeAt returns when the party can have the DID; false if that is unknown.
func (s *search) freeAt(p *seeker, did mapping.DID) (last time.Time, known bool) {
	if !s.pass() {
		return time.Time{}, false
	}
	if last, known = s.alloc.roster.condition(did).FreeAt(s.at); !known {
		return time.Time{}, false
	}
	if at, known := s.lineFreeAt(did); !known {
		return time.Time{}, false
	} else if at.After(last) {
		last = at
	}
	if at := s.alloc.occupied.freeAt(did, s.pool.MaxPairs, s.at); at.After(last) {
		last = at
	}
	for _, n := range p.numbers {
		at, known := s.alloc.index.freeAt(s.alloc.slot(did, n), s.coolDown)
		if !known {
			return time.Time{}, false
		}
		if at.After(last) {
			last = at
		}
	}
	return last, true
}
