package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// DefaultPool is the pool of a draft that names none.
const DefaultPool = "default"

// Pool is a set of DIDs with one trunk and one allocation policy.
type Pool struct {
	Name   string
	Tenant Tenant // whose it is, and so are its DIDs; [NewPools] says
	Trunk  string // the trunk on which calls for this pool's DIDs go out
	DIDs   []DID

	Reserved []DID // those of them that are given only to who names them
	Policy
}

// Policy is how the DIDs of a pool are given out. What is zero is its default.
type Policy struct {
	Sticky       Sticky          // of an interaction that asks for none; default off
	CoolDown     time.Duration   // for how long a DID is not given to a party that had it
	Floor        time.Duration   // what a cool-down may be shortened to
	OnExhaustion OnExhaustion    // what is done when the cool-down leaves nothing; default reject
	MaxPairs     int             // live interactions that may have the same DID; 0: any number
	Low          int             // percent of the DIDs; if a newcomer can be given fewer, it is told; 0: it is not
	WarmUp       time.Duration   // in which the share of a new DID grows from nothing to that of the others
	Locale       Locale          // of parties of whom it is not said, and of strangers
	Record       Recording       // of an interaction that says nothing of it; default off
	AskUnknown   bool            // callers who are no party, or withhold their numbers, are asked for a PIN
	HookUnknown  bool            // the decision hook is asked about them
	CallTime     time.Duration   // of the calls of an interaction that says nothing of it; 0: no limit
	Warn         []time.Duration // and its warnings
	AtOnce       int             // calls at once of an interaction that says nothing of it; 0: any number
	AtOnceNumber int             // calls at once of one party's number, in all its interactions; 0: any number
	AtOnceDID    int             // calls at once to one DID; 0: any number
	InAllNumber  Allotment       // answered calls that one number makes and gets, in all interactions of its tenant
	InAllDID     Allotment       // answered calls to one DID
	Redirect     Number          // or where they are sent, if it is a number
}

// Shortened returns the cool-down that is kept when the usual one leaves a
// party without a DID.
func (p Policy) Shortened() time.Duration {
	if p.OnExhaustion == ExhaustionShortenCoolDown {
		return min(p.Floor, p.CoolDown)
	}
	return p.CoolDown
}

// recovery is by how many percent of its DIDs more a pool is low no longer: one that is
// at its mark is not told of with each interaction.
const recovery = 5

// IsLow reports whether too few of the DIDs are free, as it was or was not before.
func (p Policy) IsLow(was bool, free, all int) bool {
	mark := p.Low
	if was && mark > 0 {
		mark += recovery
	}
	return free*100 < mark*all
}

// Pools finds pools by name and by DID. It is immutable, and safe for use by
// many goroutines.
type Pools struct {
	byName    map[string]Pool
	byDID     map[DID]string
	own       map[Number]bool // the same DIDs
	reserved  map[DID]bool
	tenancies map[Tenant]Tenancy
	coolDown  time.Duration // the longest of all
}

// NewPools indexes the pools, which are the default tenant's but for those that
// others are let; a name or a DID named twice is an error.
func NewPools(pools []Pool, tenancies ...Tenancy) (*Pools, error) {
	p := &Pools{
		byName: make(map[string]Pool), byDID: make(map[DID]string), own: make(map[Number]bool), reserved: make(map[DID]bool),
		tenancies: make(map[Tenant]Tenancy, len(tenancies)),
	}
	for _, pool := range pools {
		if _, twice := p.byName[pool.Name]; twice {
			return nil, fmt.Errorf("pool %q is named twice", pool.Name)
		}
		pool.Tenant = ""
		p.byName[pool.Name] = pool
		for _, did := range pool.DIDs {
			if other, twice := p.byDID[did]; twice {
				return nil, fmt.Errorf("DID %s is in pool %q and again in pool %q", did, other, pool.Name)
			}
			p.byDID[did] = pool.Name
			if n, err := ParseNumber(string(did)); err == nil {
				p.own[n] = true
			}
		}
		if err := p.reserve(pool); err != nil {
			return nil, err
		}
		p.coolDown = max(p.coolDown, pool.CoolDown)
	}
	if err := p.let(tenancies); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Pools) reserve(pool Pool) error {
	for _, did := range pool.Reserved {
		if p.byDID[did] != pool.Name {
			return fmt.Errorf("DID %s is reserved in pool %q, which does not have it", did, pool.Name)
		}
		p.reserved[did] = true
	}
	return nil
}

// Reserved reports whether the DID is given only to who names it.
func (p *Pools) Reserved(did DID) bool { return p.reserved[did] }

// CoolDown returns the longest cool-down of all pools.
func (p *Pools) CoolDown() time.Duration { return p.coolDown }

// All returns the pools, by name.
func (p *Pools) All() []Pool {
	all := slices.Collect(maps.Values(p.byName))
	slices.SortFunc(all, func(a, b Pool) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Named returns the pool of that name.
func (p *Pools) Named(name string) (Pool, bool) {
	pool, ok := p.byName[name]
	return pool, ok
}

// Holding returns the pool that holds the DID.
func (p *Pools) Holding(did DID) (Pool, bool) {
	name, ok := p.byDID[did]
	if !ok {
		return Pool{}, false
	}
	return p.byName[name], true
}

// Own reports whether the number is one of our DIDs.
func (p *Pools) Own(n Number) bool { return p.own[n] }
