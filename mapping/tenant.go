package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Tenant is a customer of whoever runs us: it has pools, interactions, callers
// and names of its own, and sees nothing of another's. The zero Tenant is none,
// which in a question means whichever.
type Tenant string

// DefaultTenant has all that is no other tenant's: the pools that none was let,
// and what was made before there were tenants.
const DefaultTenant Tenant = "default"

// ErrTenant is a text that can't be a tenant's name.
var ErrTenant = errors.New("expected a tenant's name: 1 to 32 of a-z, 0-9, - and _")

var tenantName = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

// ParseTenant reads a tenant's name.
func ParseTenant(s string) (Tenant, error) {
	if !tenantName.MatchString(s) {
		return "", ErrTenant
	}
	return Tenant(s), nil
}

// Sees reports whether the tenant may know of what belongs to the owner.
func (t Tenant) Sees(owner Tenant) bool { return t == "" || t == owner }

// Allowance is what a tenant may have at most. What is zero is not bounded.
type Allowance struct {
	MaxLive          int // interactions that hold their DIDs
	CreatesPerSecond int
	CallsAtOnce      int // calls of its interactions
	CallTime         time.Duration
	InAll            Allotment // answered calls of its interactions
}

// Tenancy is what a tenant is let. The first of its pools is that of a draft
// which names none.
type Tenancy struct {
	Tenant Tenant
	Pools  []string
	Allowance
}

// QuotaError is a tenant that has as many live interactions as it may.
type QuotaError struct {
	Tenant  Tenant
	MaxLive int
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("tenant %q has its %d live interactions", e.Tenant, e.MaxLive)
}

// let gives the pools to their tenants.
func (p *Pools) let(tenancies []Tenancy) error {
	for _, t := range tenancies {
		if _, twice := p.tenancies[t.Tenant]; twice {
			return fmt.Errorf("tenant %q is named twice", t.Tenant)
		}
		p.tenancies[t.Tenant] = t
		for _, name := range t.Pools {
			pool, ok := p.byName[name]
			if !ok || pool.Tenant != "" {
				return fmt.Errorf("pool %q of tenant %q is not there, or another's", name, t.Tenant)
			}
			pool.Tenant = t.Tenant
			p.byName[name] = pool
		}
	}
	for name, pool := range p.byName {
		if pool.Tenant == "" {
			pool.Tenant = DefaultTenant
			p.byName[name] = pool
		}
	}
	return nil
}

// UsualPool returns the name of the pool of a draft of the tenant that names none.
func (p *Pools) UsualPool(t Tenant) string {
	if pools := p.tenancies[t].Pools; len(pools) > 0 {
		return pools[0]
	}
	return DefaultPool
}

// PoolFor returns the pool of that name, if it is the tenant's.
func (p *Pools) PoolFor(t Tenant, name string) (Pool, bool) {
	pool, ok := p.byName[name]
	return pool, ok && pool.Tenant == t
}

// TenantOf returns whose DID it is; the default tenant's if it is none of ours.
func (p *Pools) TenantOf(did DID) Tenant {
	if pool, ok := p.Holding(did); ok {
		return pool.Tenant
	}
	return DefaultTenant
}

// AllowanceOf returns what the tenant may have at most.
func (p *Pools) AllowanceOf(t Tenant) Allowance { return p.tenancies[t].Allowance }

// Tenants returns all tenants, by name.
func (p *Pools) Tenants() []Tenant {
	all := []Tenant{DefaultTenant}
	for t := range p.tenancies {
		if t != DefaultTenant {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return all
}
