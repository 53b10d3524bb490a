package edge

import (
	"slices"
	"time"
)

// TrunkStanding is how a trunk is, for its operators.
type TrunkStanding struct {
	Name     string
	Leaving  bool             // it was removed, and has calls yet
	Targets  []TargetStanding // by preference
	Received map[int]uint64   // final responses to our INVITEs, by status
	Sent     map[int]uint64   // final responses to theirs
	Account  AccountStanding
	Rests    time.Time // until then the account is not used: it was refused; zero: it is used
}

// AccountStanding is how a trunk's account is.
type AccountStanding uint8

// The standings of an account.
const (
	NoAccount      AccountStanding = iota + 1 // the carrier knows us by our address
	AccountInUse                              // or will be, when the carrier asks
	AccountRefused                            // too often to be tried now
)

// String returns the standing as the API writes it.
func (s AccountStanding) String() string {
	switch s {
	case AccountInUse:
		return "in_use"
	case AccountRefused:
		return "refused"
	default:
		return "none"
	}
}

// TargetStanding is how one address of a gateway is. A gateway whose name DNS
// does not know has one without an address.
type TargetStanding struct {
	Target
	State     TargetState
	Since     time.Time
	Shunned   time.Time     // calls go elsewhere until then; zero: they don't
	Status    int           // of the last response to our OPTIONS; 0: none
	RoundTrip time.Duration // of it
	NextProbe time.Time     // zero: it is not probed
}

// Standings returns how the trunks are, in the order of the configuration; behind
// them those that were removed and have calls yet.
func (e *Edge) Standings() []TrunkStanding {
	now := time.Now()
	peers := e.peers()
	list := make([]TrunkStanding, len(peers.trunks))
	for i, trunk := range peers.trunks {
		list[i] = e.rosterOf(trunk).standing(now)
	}
	listed := func(name string) bool {
		return slices.ContainsFunc(list, func(s TrunkStanding) bool { return s.Name == name })
	}
	for _, trunk := range peers.leaving {
		if !listed(trunk.Name) && e.legs.has(trunk) {
			s := e.rosterOf(trunk).standing(now)
			s.Leaving = true
			list = append(list, s)
		}
	}
	return list
}

func (r *roster) standing(now time.Time) TrunkStanding {
	s := TrunkStanding{Name: r.trunk.Name, Received: r.received.counts(), Sent: r.sent.counts()}
	s.Account, s.Rests = r.trunk.account(now)
	named := make(map[Gateway]bool)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.each(asListed, func(t Target) {
		named[t.Gateway] = true
		s.Targets = append(s.Targets, r.standingOf(t, now))
	})
	for _, g := range r.trunk.Gateways {
		if !named[g] {
			s.Targets = append(s.Targets, TargetStanding{Target: Target{Gateway: g, Network: g.Network}, State: TargetUnknown})
		}
	}
	return s
}

// account returns how the account is, and until when it rests.
func (t *Trunk) account(now time.Time) (AccountStanding, time.Time) {
	if t.client == nil {
		return NoAccount, time.Time{}
	}
	if rests := t.client.Rests(now); !rests.IsZero() {
		return AccountRefused, rests
	}
	return AccountInUse, time.Time{}
}

func (r *roster) standingOf(t Target, now time.Time) TargetStanding {
	if !r.usable(t) {
		return TargetStanding{Target: t, State: TargetUnheard}
	}
	h := r.health(t)
	s := TargetStanding{Target: t, State: h.state, Since: h.since, Status: h.status, RoundTrip: h.took}
	if now.Before(h.shunned) {
		s.Shunned = h.shunned
	}
	if r.trunk.Probe > 0 {
		s.NextProbe = h.next
	}
	return s
}
