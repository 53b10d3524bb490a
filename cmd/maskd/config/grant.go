package config

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var (
	errID      = errors.New("expected the number of a user or a group")
	errRole    = errors.New("expected integrator, operator, auditor or admin")
	errSubject = errors.New("expected one of uid, gid, user, group and certificate")
	errPerTime = errors.New("expected a number from 1 to 1000000")
)

// Grant gives a role to whoever asks over the admin socket as that user or
// group, or over the admin listener with that certificate. The first that fits
// decides.
type Grant struct {
	UID         *ID        `yaml:"uid,omitempty"`
	GID         *ID        `yaml:"gid,omitempty"` // one of the groups of the process
	User        string     `yaml:"user,omitempty"`
	Group       string     `yaml:"group,omitempty"`
	Certificate string     `yaml:"certificate,omitempty"` // a URI or a DNS name that it is for
	Role        Role       `yaml:"role"`
	Tenant      TenantName `yaml:"tenant,omitempty"` // whose alone it is; empty: of the house, and sees all
}

// ID is the number of a user or of a group.
type ID uint32

// UnmarshalYAML reads the written form.
func (i *ID) UnmarshalYAML(node ast.Node) error { return number(node, i, 0, math.MaxUint32, errID) }

// Role is the name of a role.
type Role string

// UnmarshalYAML reads the written form.
func (r *Role) UnmarshalYAML(node ast.Node) error { return word(node, r, mapping.ParseRole, errRole) }

// Domain returns the role as the domain has it.
func (r Role) Domain() mapping.Role {
	role, _ := mapping.ParseRole(string(r))
	return role
}

// Reveals is how a number is shown in clear.
type Reveals struct {
	Second bool `yaml:"second"` // another person has to approve
}

// Rates bound how often each who asks may look somebody up, or see a number in
// clear: who tries out numbers is stopped, and is seen.
type Rates struct {
	LookupsPerMinute PerTime `yaml:"lookups_per_minute"`
	RevealsPerHour   PerTime `yaml:"reveals_per_hour"`
}

// PerTime is how often something may be done in a time.
type PerTime uint32

// UnmarshalYAML reads the written form.
func (p *PerTime) UnmarshalYAML(node ast.Node) error {
	return number(node, p, 1, 1_000_000, errPerTime)
}

// usualRates are those of people; a program that looks up more says so.
func usualRates() Rates { return Rates{LookupsPerMinute: 60, RevealsPerHour: 60} }

// fillInAccess has what is empty be as where it is left out.
func (c *Config) fillInAccess() {
	if len(c.Admin.Roles) == 0 {
		c.Admin.Roles = nil
	}
	if len(c.Tenants) == 0 {
		c.Tenants = nil
	}
}

// subjects returns how many the grant names.
func (g Grant) subjects() (n int) {
	for _, named := range []bool{g.UID != nil, g.GID != nil, g.User != "", g.Group != "", g.Certificate != ""} {
		if named {
			n++
		}
	}
	return n
}

// subject is comparable, and the same for grants to the same.
func (g Grant) subject() [5]string {
	number := func(i *ID) string {
		if i == nil {
			return ""
		}
		return strconv.FormatUint(uint64(*i), 10)
	}
	return [5]string{number(g.UID), number(g.GID), g.User, g.Group, g.Certificate}
}

// validateAdmin wants roles that somebody has, and a listener that can tell who
// asks.
func (c Config) validateAdmin() error {
	for i, g := range c.Admin.Roles {
		switch {
		case g.subjects() != 1:
			return found(errSubject.Error(), "$.admin.roles[%d]", i)
		case g.Role == "":
			return found(errRole.Error(), "$.admin.roles[%d].role", i)
		case slices.ContainsFunc(c.Admin.Roles[:i], func(o Grant) bool { return o.subject() == g.subject() }):
			return found("expected each user, group and certificate once", "$.admin.roles[%d]", i)
		case g.Tenant != "" && !c.hasTenant(g.Tenant):
			return found("expected the name of a tenant", "$.admin.roles[%d].tenant", i)
		case g.Tenant == "" && len(c.Tenants) > 0 && g.Role.Domain() == mapping.RoleIntegrator:
			return found("expected a tenant: an integrator without one would see what is of all", "$.admin.roles[%d]", i)
		}
	}
	t := c.Admin.TLS
	if c.Admin.Listen.IsValid() && (t.Certificate == "" || t.Key == "" || t.CA == "") {
		return found("expected certificate, key and ca, because of admin.listen", "$.admin.tls")
	}
	return nil
}
