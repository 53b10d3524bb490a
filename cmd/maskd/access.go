package main

import (
	"fmt"
	"os/user"
	"strconv"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// access is the configuration of who may do what, in the words of the API.
func access(cfg config.Config) (a admin.Access, err error) {
	a = admin.Access{
		Second:  cfg.Admin.Reveals.Second,
		Lookups: admin.Pace{Times: int(cfg.Admin.Rates.LookupsPerMinute), In: time.Minute},
		Reveals: admin.Pace{Times: int(cfg.Admin.Rates.RevealsPerHour), In: time.Hour},
		Quotas:  make(map[mapping.Tenant]mapping.Allowance),
	}
	for _, t := range cfg.Tenants {
		a.Quotas[mapping.Tenant(t.Name)] = mapping.Allowance{MaxLive: int(t.MaxLive), CreatesPerSecond: int(t.CreatesPerSecond)}
	}
	for i, g := range cfg.Admin.Roles {
		grant, err := grant(g)
		if err != nil {
			return a, fmt.Errorf("admin.roles[%d]: %w", i, err)
		}
		a.Grants = append(a.Grants, grant)
	}
	if cfg.Admin.Listen.IsValid() {
		a.TLS, err = admin.ReadTLS(cfg.Admin.TLS.Certificate, cfg.Admin.TLS.Key, cfg.Admin.TLS.CA)
	}
	return a, err
}

// grant looks up the numbers of users and groups: the kernel tells of no name.
func grant(g config.Grant) (admin.Grant, error) {
	out := admin.Grant{
		UID: (*uint32)(g.UID), GID: (*uint32)(g.GID), Certificate: g.Certificate,
		Role: g.Role.Domain(), Tenant: mapping.Tenant(g.Tenant),
	}
	var err error
	if g.User != "" {
		var found *user.User
		if found, err = user.Lookup(g.User); err == nil {
			out.UID, err = accountNumber(found.Uid)
		}
	}
	if g.Group != "" {
		var found *user.Group
		if found, err = user.LookupGroup(g.Group); err == nil {
			out.GID, err = accountNumber(found.Gid)
		}
	}
	return out, err
}

func accountNumber(text string) (*uint32, error) {
	value, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read its number: %w", err)
	}
	id := uint32(value)
	return &id, nil
}
