package edge

import (
	"time"

	"maskd/sip/leg"
)

// TargetState is what our OPTIONS say of a target.
type TargetState uint8

// The states of a target.
const (
	TargetUnknown TargetState = iota + 1 // nothing heard yet
	TargetUp
	TargetDown    // tried last, but never never
	TargetUnheard // not accepted by its trunk, or no listener reaches it: never tried
)

// String returns the state as the API writes it.
func (s TargetState) String() string {
	switch s {
	case TargetUp:
		return "up"
	case TargetDown:
		return "down"
	case TargetUnheard:
		return "unheard"
	default:
		return "unknown"
	}
}

// verb is how a target took a request.
type verb uint8

const (
	answered    verb = iota + 1 // with any response but those below: it is there, and works
	unavailable                 // 503, or 408 of one that speaks for another
	silent                      // not at all in the time it had
	unreachable                 // the request could not be sent
)

// report is what came of a request.
type report struct {
	verb       verb
	status     int           // 0: no response
	retryAfter time.Duration // 0: not said
	took       time.Duration
}

// reportOf is the report of a final response; status 0 is none.
func reportOf(status int, retryAfter time.Duration) report {
	switch status {
	case 0:
		return report{verb: silent}
	case 408, 503:
		return report{verb: unavailable, status: status, retryAfter: retryAfter}
	default:
		return report{verb: answered, status: status}
	}
}

const (
	// steps is the hysteresis: how many probes in a row turn a state over. One
	// lost datagram is no outage, and one answer amid losses no recovery.
	steps = 2
	// shunFirst and shunMost are for how long calls go elsewhere after one was
	// not taken; each time is twice the one before.
	shunFirst = 5 * time.Second
	shunMost  = 5 * time.Minute
	// shunAtMost bounds the Retry-After of a peer that is confused.
	shunAtMost = time.Hour
	// trialTime is how long the one call that tries a shunned target anew keeps
	// the others away from it: the patience with a gateway, and a bit.
	trialTime = leg.GatewayPatience + time.Second
)

// health is what is known of a target. It is a machine without a clock: each
// step takes the time and returns the health after it.
type health struct {
	state  TargetState
	since  time.Time // when the state began
	streak int       // probes in a row that speak against the state

	shunned time.Time     // until then calls go elsewhere
	shun    time.Duration // how long that was; zero once a call is taken
	trial   time.Time     // until then one call tries it, the others go elsewhere

	status int           // of the last response to a probe; 0: there was none
	took   time.Duration // the round trip of it
	next   time.Time     // when to probe
}

// newHealth is that of a target nobody has spoken to: due to be probed.
func newHealth() health { return health{state: TargetUnknown} }

// probed is the health after an OPTIONS.
func (h health) probed(r report, now time.Time) health {
	h.status, h.took = r.status, r.took
	alive := r.verb == answered
	switch {
	case h.state == TargetUnknown && alive:
		return h.turn(TargetUp, now)
	case h.state != TargetUnknown && alive == (h.state == TargetUp):
		h.streak = 0
		return h
	}
	if h.streak++; h.streak < steps {
		return h
	}
	if alive {
		return h.turn(TargetUp, now)
	}
	return h.turn(TargetDown, now)
}

func (h health) turn(to TargetState, now time.Time) health {
	h.state, h.since, h.streak = to, now, 0
	return h
}

// called is the health after an INVITE. One that was not taken keeps the next
// calls away for a while. That OPTIONS are answered does not shorten it: they
// prove the host, not the service. Jitter is from 0 to 1.
func (h health) called(r report, now time.Time, jitter float64) health {
	if r.verb == answered {
		h.shunned, h.shun, h.trial = time.Time{}, 0, time.Time{}
		if h.state == TargetUnknown {
			h = h.turn(TargetUp, now)
		}
		return h
	}
	if now.Before(h.shunned) { // it was sent before the one that said so
		return h
	}
	h.trial = time.Time{}
	h.shun = min(max(2*h.shun, shunFirst), shunMost)
	wait := h.shun + time.Duration((jitter-0.5)*0.4*float64(h.shun)) // a fifth more or less: not all of us at once
	if r.retryAfter > 0 {                                            // it knows best (RFC 3261 section 21.5.4)
		wait = min(r.retryAfter, shunAtMost)
	}
	h.shunned = now.Add(wait)
	return h
}

// doubtful reports whether a call should try others first.
func (h health) doubtful(now time.Time) bool {
	return h.state == TargetDown || now.Before(h.shunned) || now.Before(h.trial)
}

// tried is the health after a call was sent to it with no doubt. The first one
// after it was shunned is a trial.
func (h health) tried(now time.Time) health {
	if h.shun > 0 {
		h.trial = now.Add(trialTime)
	}
	return h
}

// scheduled is the health after a probe was sent.
func (h health) scheduled(now time.Time, every time.Duration, jitter float64) health {
	h.next = now.Add(every + time.Duration((jitter-0.5)*0.2*float64(every)))
	return h
}
