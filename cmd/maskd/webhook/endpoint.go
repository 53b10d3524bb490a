package webhook

import (
	"crypto/x509"
	"net/url"
	"slices"
	"strconv"
	"time"

	"maskd/cmd/maskd/post"
	"maskd/mapping"
)

// Endpoint is who is told, of what.
type Endpoint struct {
	Name   string
	URL    string // https, or http on this machine
	Key    post.Key
	Roots  *x509.CertPool // who certifies it; nil: whom the system trusts
	Tenant mapping.Tenant // whose events alone it is told
	Types  []mapping.EventType
}

// wants reports whether it is told of such events; without a list, it is of all.
func (e *Endpoint) wants(t mapping.EventType) bool {
	return len(e.Types) == 0 || slices.Contains(e.Types, t)
}

// site is the endpoint's URL without its path, which may be a secret.
func (e *Endpoint) site() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// State is how an endpoint is.
type State uint8

// The states.
const (
	StateDelivering State = iota + 1 // it has taken the last event that it was sent
	StateFailing                     // it has not, and is tried again
	StateDisabled                    // it is told nothing until somebody resumes it
)

// String returns the state as the API writes it.
func (s State) String() string {
	switch s {
	case StateDelivering:
		return "delivering"
	case StateFailing:
		return "failing"
	case StateDisabled:
		return "disabled"
	default:
		return "state(" + strconv.Itoa(int(s)) + ")"
	}
}

// Standing is how an endpoint is now.
type Standing struct {
	Name     string
	Site     string // its URL without a path
	Tenant   mapping.Tenant
	Types    []mapping.EventType
	Progress mapping.Progress

	Waiting   time.Time // when the event happened that it is to take next; zero: it has all
	NextTry   time.Time // of that, if it has failed
	Status    int       // of its last answer; 0: there was none
	Delivered uint64    // since the start
	Failed    uint64    // attempts, since the start
}

// Backlog is for how long the endpoint has not taken the event that it is to take
// next.
func (s *Standing) Backlog(at time.Time) time.Duration {
	if s.Waiting.IsZero() {
		return 0
	}
	return max(at.Sub(s.Waiting), 0)
}

// State returns how the endpoint is.
func (s *Standing) State() State {
	switch {
	case s.Progress.Disabled():
		return StateDisabled
	case !s.Progress.FailingSince.IsZero():
		return StateFailing
	default:
		return StateDelivering
	}
}
