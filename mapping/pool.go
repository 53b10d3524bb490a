package mapping

import "fmt"

// DefaultPool is the pool of a draft that names none.
const DefaultPool = "default"

// Pool is a set of DIDs with one trunk and one allocation policy.
type Pool struct {
	Name  string
	Trunk string // the trunk on which calls for this pool's DIDs go out
	DIDs  []DID
}

// Pools finds pools by name and by DID. It is immutable, and safe for use by
// many goroutines.
type Pools struct {
	byName map[string]Pool
	byDID  map[DID]string
}

// NewPools indexes the pools; a name or a DID named twice is an error.
func NewPools(pools []Pool) (*Pools, error) {
	p := &Pools{byName: make(map[string]Pool), byDID: make(map[DID]string)}
	for _, pool := range pools {
		if _, twice := p.byName[pool.Name]; twice {
			return nil, fmt.Errorf("pool %q is named twice", pool.Name)
		}
		p.byName[pool.Name] = pool
		for _, did := range pool.DIDs {
			if other, twice := p.byDID[did]; twice {
				return nil, fmt.Errorf("DID %s is in pool %q and again in pool %q", did, other, pool.Name)
			}
			p.byDID[did] = pool.Name
		}
	}
	return p, nil
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
func (p *Pools) Own(n Number) bool {
	_, ok := p.byDID[DID(n.Reveal())]
	return ok
}
