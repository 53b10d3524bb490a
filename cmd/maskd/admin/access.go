package admin

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"time"

	"maskd/mapping"
)

// Access is who may do what. It is replaced whole at a reload.
type Access struct {
	Grants  []Grant // the first that fits decides
	Second  bool    // a number is shown in clear when another person has approved
	Lookups Pace    // of each who asks
	Reveals Pace    // of each who asks
	Quotas  map[mapping.Tenant]mapping.Allowance
	TLS     *TLS // of the listener; nil: there is none

	over chan struct{} // closed once another takes its place
}

// Grant gives a role to a user, to a group or to who has a certificate.
type Grant struct {
	UID, GID    *uint32
	Certificate string // a URI or a DNS name that it is for
	Role        mapping.Role
	Tenant      mapping.Tenant // whose alone it is; zero: of the house, and sees all
}

// asker is who asks, and what he may see.
type asker struct {
	peer
	name  string // of the certificate, as the grant has it
	role  mapping.Role
	house bool            // he is no tenant's
	scope mapping.Tenant  // whose alone he sees; zero: all
	until <-chan struct{} // closed when he may be something else
}

// tenantHeader names the tenant that an admin of the house acts for.
const tenantHeader = "Maskd-Tenant"

// ask finds out who asks, and for whom.
func (s *Server) ask(r *http.Request) (asker, error) {
	p, err := s.peer(r)
	if err != nil {
		return asker{}, err
	}
	access := s.access.Load()
	a, ok := access.admit(p)
	a.until = access.over
	if !ok {
		return asker{peer: p, name: p.name()}, errNoRole
	}
	named := r.Header.Values(tenantHeader)
	switch {
	case len(named) == 0:
		return a, nil
	case len(named) > 1:
		return a, invalidField(tenantHeader, "malformed", "expected one tenant")
	case a.scope == mapping.Tenant(named[0]) && !a.house:
		return a, nil
	case !a.house || a.role != mapping.RoleAdmin:
		return a, errOtherTenant
	}
	a.scope = mapping.Tenant(named[0])
	if _, known := access.Quotas[a.scope]; !known && a.scope != mapping.DefaultTenant {
		return a, invalidField(tenantHeader, "unknown", "no tenant of this name is configured")
	}
	return a, nil
}

// admit returns what the peer may be. Without a grant our own user and root are
// admins, who could be anybody anyway; all others are nothing.
func (a *Access) admit(p peer) (asker, bool) {
	for i := range a.Grants {
		if g := &a.Grants[i]; p.is(g) {
			return asker{peer: p, name: g.Certificate, role: g.Role, house: g.Tenant == "", scope: g.Tenant}, true
		}
	}
	if p.way == mapping.WaySocket && (p.uid == 0 || p.uid == uint32(os.Geteuid())) {
		return asker{peer: p, role: mapping.RoleAdmin, house: true}, true
	}
	return asker{}, false
}

// person is an asker as others are told of him.
type person struct {
	identity string // empty: nobody
	house    bool
}

func (a asker) person() person { return person{a.identity(), a.house} }

// toldTo names a person: of the house a tenant is told no more.
func (p person) toldTo(a asker) string {
	if p.house && !a.house {
		return "the house"
	}
	return p.identity
}

// identity tells one who asks from another: a user from a user, whatever process
// or group it has.
func (a asker) identity() string {
	if a.way == mapping.WayCertificate {
		return "certificate " + a.name
	}
	return "uid " + strconv.FormatUint(uint64(a.uid), 10)
}

// actor is who asks, as the audit log has it.
func (a asker) actor() mapping.Actor {
	actor := mapping.Actor{Way: a.way, Name: a.name, UID: a.uid, PID: a.pid, Role: a.role, Tenant: string(a.scope), House: a.house && a.scope != ""}
	if len(a.groups) > 0 {
		actor.GID = a.groups[0]
	}
	return actor
}

// tenant is whose what he makes is.
func (a asker) tenant() mapping.Tenant {
	if a.scope == "" {
		return mapping.DefaultTenant
	}
	return a.scope
}

type askerKey struct{}

func withAsker(ctx context.Context, a asker) context.Context {
	return context.WithValue(ctx, askerKey{}, a)
}

// askerOf returns who asks. A request that came by no guard is nobody's, who
// sees nothing.
func askerOf(r *http.Request) asker {
	a, ok := r.Context().Value(askerKey{}).(asker)
	if !ok {
		return asker{scope: "(nobody)"}
	}
	return a
}

// SetAccess has the roles and rates be as given from now on, for requests on
// connections that are open, too. Who waits for something is answered, and asks again.
func (s *Server) SetAccess(a Access) {
	a = a.withDefaults()
	a.over = make(chan struct{})
	if before := s.access.Swap(&a); before != nil {
		close(before.over)
	}
}

// mayBeOther reports whether roles were given anew since he was admitted.
func (a asker) mayBeOther() bool {
	select {
	case <-a.until:
		return true
	default:
		return false
	}
}

// remains returns an error if who was admitted with the request is not any more, or is something else.
func (s *Server) remains(r *http.Request) error {
	was := askerOf(r)
	if !was.mayBeOther() {
		return nil
	}
	is, err := s.ask(r)
	if err == nil && (is.identity() != was.identity() || is.role != was.role || is.house != was.house || is.scope != was.scope) {
		err = errNotAllowed
	}
	return err
}

// Usual paces are those of people.
const (
	usualLookups = 60
	usualReveals = 60
)

// withDefaults fills in what is left out.
func (a Access) withDefaults() Access {
	if a.Lookups == (Pace{}) {
		a.Lookups = Pace{usualLookups, time.Minute}
	}
	if a.Reveals == (Pace{}) {
		a.Reveals = Pace{usualReveals, time.Hour}
	}
	return a
}
