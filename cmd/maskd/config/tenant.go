package config

import (
	"cmp"
	"errors"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var errQuota = errors.New("expected a number from 0 (no limit) to 100000000")

// Tenant is a customer of whoever runs us. Pools that no tenant names are the
// default tenant's.
type Tenant struct {
	Name             TenantName  `yaml:"name"`
	Pools            []string    `yaml:"pools"`              // the first is that of an interaction which names none
	MaxLive          Quota       `yaml:"max_live"`           // interactions that hold their DIDs; 0: any number
	CreatesPerSecond Quota       `yaml:"creates_per_second"` // 0: any number
	CallsAtOnce      Quota       `yaml:"max_calls_at_once"`  // of its interactions; 0: any number
	CallTime         Span        `yaml:"max_call_seconds"`   // how long one of them may last, whatever else is said; 0: no limit
	InAll            TenantCalls `yaml:"calls_in_all"`       // answered ones, in so many hours
}

// fillIn puts defaults where the file says nothing.
func (t *Tenant) fillIn() { t.InAll.Hours = cmp.Or(t.InAll.Hours, usualHours) }

// TenantName is the name of a tenant.
type TenantName string

func parseTenantName(s string) (TenantName, error) {
	t, err := mapping.ParseTenant(s)
	return TenantName(t), err
}

// UnmarshalYAML reads the written form.
func (n *TenantName) UnmarshalYAML(node ast.Node) error { return scalar(node, n, parseTenantName) }

// Quota is a number that a tenant may have; 0 is no limit.
type Quota uint32

// UnmarshalYAML reads the written form.
func (q *Quota) UnmarshalYAML(node ast.Node) error { return number(node, q, 0, 100_000_000, errQuota) }

func (c Config) hasTenant(name TenantName) bool {
	return name == TenantName(mapping.DefaultTenant) || slices.ContainsFunc(c.Tenants, func(t Tenant) bool { return t.Name == name })
}

// validateTenants wants each pool to be one tenant's, and each tenant to have one.
func (c Config) validateTenants() error {
	for i, t := range c.Tenants {
		switch {
		case t.Name == "":
			return found(mapping.ErrTenant.Error(), "$.tenants[%d].name", i)
		case slices.ContainsFunc(c.Tenants[:i], func(o Tenant) bool { return o.Name == t.Name }):
			return found("expected a name that no other tenant has", "$.tenants[%d].name", i)
		case len(t.Pools) == 0 && t.Name != TenantName(mapping.DefaultTenant):
			return found("expected at least one pool", "$.tenants[%d].pools", i)
		}
		if limit := t.CallTime.duration(); limit != 0 && (limit < mapping.MinCallTime || limit > mapping.MaxCallTime) {
			return found(callTimeBounds, "$.tenants[%d].max_call_seconds", i)
		}
		for j, pool := range t.Pools {
			if !slices.ContainsFunc(c.Pools, func(p Pool) bool { return p.Name == pool }) {
				return found("expected the name of a pool", "$.tenants[%d].pools[%d]", i, j)
			}
			let := func(o Tenant) bool { return slices.Contains(o.Pools, pool) }
			if slices.ContainsFunc(c.Tenants[:i], let) || slices.Contains(t.Pools[:j], pool) {
				return found("expected a pool that no tenant has yet", "$.tenants[%d].pools[%d]", i, j)
			}
		}
	}
	return nil
}

// tenancies returns the tenants as the domain has them.
func (c Config) tenancies() []mapping.Tenancy {
	all := make([]mapping.Tenancy, 0, len(c.Tenants))
	for _, t := range c.Tenants {
		all = append(all, mapping.Tenancy{
			Tenant: mapping.Tenant(t.Name), Pools: t.Pools,
			Allowance: mapping.Allowance{MaxLive: int(t.MaxLive), CreatesPerSecond: int(t.CreatesPerSecond), CallsAtOnce: int(t.CallsAtOnce),
				CallTime: t.CallTime.duration(), InAll: allotment(t.InAll.Calls, t.InAll.Hours)},
		})
	}
	return all
}
