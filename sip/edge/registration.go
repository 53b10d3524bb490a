package edge

import (
	"strconv"
	"time"
)

// RegistrationState is how a trunk stands with its registrar.
type RegistrationState uint8

// The states of a registration.
const (
	Unregistered       RegistrationState = iota + 1 // not asked yet, or not any more
	Registering                                     // asked for the first time
	Registered                                      // bound
	RegistrationFailed                              // refused or not heard; will be tried again
)

// String names the state.
func (s RegistrationState) String() string {
	names := [...]string{Unregistered: "unregistered", Registering: "registering", Registered: "registered",
		RegistrationFailed: "failed"}
	if s > 0 && int(s) < len(names) {
		return names[s]
	}
	return "registration(" + strconv.Itoa(int(s)) + ")"
}

// The times of a registration.
const (
	// firstBackOff to lastBackOff is how long to wait after failures: twice as
	// long after each, and of that at least half, so that trunks that failed
	// together do not come back together.
	firstBackOff = 2 * time.Second
	lastBackOff  = 5 * time.Minute
	// maxRetryAfter bounds what a registrar may ask us to wait. One that meant
	// less would cost the trunk for as long.
	maxRetryAfter = time.Hour
	// maxExpiry bounds how long a registration is believed to hold.
	maxExpiry = 24 * time.Hour
)

// registration is a binding of ours at a registrar over time (RFC 3261 section
// 10). It is a value: each method returns what it becomes. chance is from 0 up
// to 1.
type registration struct {
	state    RegistrationState
	since    time.Time     // of the state
	until    time.Time     // the binding holds; zero: there is none
	due      time.Time     // the next REGISTER leaves
	expiry   time.Duration // to ask for
	failures int           // since the last success
	status   int           // of the last final response; 0: there was none
}

// registrarReply is what a REGISTER came to.
type registrarReply struct {
	status     int           // 0: no response
	granted    time.Duration // with 2xx: how long the binding holds
	least      time.Duration // with 423: Min-Expires
	retryAfter time.Duration
}

func newRegistration(expiry time.Duration, due, now time.Time) registration {
	return registration{state: Unregistered, since: now, due: due, expiry: expiry}
}

// asking: a REGISTER leaves. That is news only if it is the first.
func (r registration) asking(now time.Time) registration {
	if !r.holds(now) {
		r.until = time.Time{}
	}
	if r.state == Unregistered {
		return r.become(Registering, now)
	}
	return r
}

// holds reports whether there is a binding.
func (r registration) holds(now time.Time) bool { return now.Before(r.until) }

// heard takes the reply to a REGISTER.
func (r registration) heard(reply registrarReply, now time.Time, chance float64) registration {
	r.status = reply.status
	switch {
	case reply.status/100 == 2 && reply.granted > 0:
		return r.bound(min(reply.granted, maxExpiry), now, chance)
	case reply.status == 423 && reply.least > r.expiry && reply.least <= maxExpiry:
		return r.tooBrief(reply.least, now, chance)
	default:
		return r.failed(reply.retryAfter, now, chance)
	}
}

// bound asks again at 50 to 90 % of the time granted: early enough for several
// more tries before the binding is lost.
func (r registration) bound(granted time.Duration, now time.Time, chance float64) registration {
	r.failures = 0
	r.until = now.Add(granted)
	r.due = now.Add(time.Duration((0.5 + 0.4*chance) * float64(granted)))
	return r.become(Registered, now)
}

// tooBrief asks for what the registrar wants, at once (section 10.3); one that
// is not content with that either is treated as a failure.
func (r registration) tooBrief(least time.Duration, now time.Time, chance float64) registration {
	r.expiry = least
	if r.failures > 0 {
		return r.failed(0, now, chance)
	}
	r.failures++
	r.due = now
	return r
}

func (r registration) failed(retryAfter time.Duration, now time.Time, chance float64) registration {
	r.failures++
	r.due = now.Add(max(backOff(r.failures, chance), min(retryAfter, maxRetryAfter)))
	return r.become(RegistrationFailed, now)
}

// backOff is how long to wait after so many failures.
func backOff(failures int, chance float64) time.Duration {
	wait := firstBackOff
	for range failures - 1 {
		if wait = min(2*wait, lastBackOff); wait == lastBackOff {
			break
		}
	}
	return wait/2 + time.Duration(chance*float64(wait/2))
}

// left: we took the binding back, or gave it up.
func (r registration) left(now time.Time) registration {
	r.until = time.Time{}
	return r.become(Unregistered, now)
}

func (r registration) become(s RegistrationState, now time.Time) registration {
	if r.state != s {
		r.state, r.since = s, now
	}
	return r
}
