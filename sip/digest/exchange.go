package digest

import (
	"net/netip"
	"time"
)

// Rounds bounds how often one request is sent again: for a proxy, for the
// server behind it, and for a nonce that went stale in between. The request's
// owner keeps as many sequence numbers free.
const Rounds = 3

// Exchange is one request of ours with its repetitions. It belongs to one
// goroutine at a time.
type Exchange struct {
	client   *Client
	peer     netip.AddrPort
	sessions [places]*Session // what it is sent with
	fresh    [places]bool     // made in this exchange, not kept from one before
	realm    string           // the only one that is answered; empty for none yet
	learns   bool             // the first realm that asks may be the account's
	rounds   int
	trial    bool // it tries the account after a rest
}

// Credentials returns what the request is to carry for a place; empty for
// nothing.
func (x *Exchange) Credentials(p Place, method, uri string) string {
	s := x.sessions[p]
	if s == nil {
		return ""
	}
	value, err := s.Authorize(method, uri)
	if err != nil {
		return ""
	}
	return value
}

// Challenged takes the challenges of a 401 or 407. Without an error the request
// is to be sent again, with new credentials. A nonce kept from before may be
// refused without a word about its age, but one given in this exchange is
// refused for the password: to try that again would lock the account. Errors:
// those of strongest, ErrRefused, ErrRests.
func (x *Exchange) Challenged(p Place, values []string, now time.Time) error {
	c, err := x.choose(values)
	if err != nil {
		return err
	}
	x.rounds++
	if x.rounds > Rounds || x.fresh[p] && (!c.Stale || c.Nonce == x.sessions[p].challenge.Nonce) {
		x.client.refused(now, x.trial)
		return ErrRefused
	}
	if may, trial := x.client.try(now); !x.trial && !may {
		return ErrRests
	} else if trial {
		x.trial = true
	}
	x.sessions[p], x.fresh[p] = x.client.begin(door{x.peer, p}, c), true
	return nil
}

// choose returns the challenge to answer. All that one request answers are of
// one realm, of a proxy and of the server behind it too: that may be the far end.
func (x *Exchange) choose(values []string) (Challenge, error) {
	if known := x.client.answers(); known != "" {
		x.realm = known
	}
	if x.realm == "" && !x.learns {
		return Challenge{}, ErrRealm
	}
	c, err := strongest(values, x.realm)
	if err == nil {
		x.realm = c.Realm
	}
	return c, err
}

// Accepted takes a final response that asks for nothing, and its
// Authentication-Info: what the request was sent with is good for the next one.
func (x *Exchange) Accepted(p Place, info string) {
	s := x.sessions[p]
	if s == nil {
		return
	}
	x.client.Forgive() // it is good after all
	next := s
	if params, err := parameters(info); err == nil {
		next = s.renewed(params["nextnonce"])
	}
	if x.fresh[p] || next != s {
		x.client.keep(door{x.peer, p}, next)
	}
	x.sessions[p], x.fresh[p] = next, false
}
