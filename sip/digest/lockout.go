package digest

import "time"

const (
	// patience is how many refusals in a row are taken for chance: a password
	// that is changed on both sides is wrong for a moment on one.
	patience = 2
	// firstRest to lastRest is for how long an account is not used after that;
	// each time is twice the one before. Carriers lock an account after a handful
	// of wrong passwords in as many minutes.
	firstRest = time.Minute
	lastRest  = 30 * time.Minute
	// trialTime is how long the one request that tries the account after a rest
	// keeps the others from it: what a transaction may take (timer B).
	trialTime = 32 * time.Second
)

// lockout keeps an account that is refused from being used, before its carrier
// locks it. It is a value: each method returns what it becomes.
type lockout struct {
	refused int           // times in a row
	until   time.Time     // the account rests
	rest    time.Duration // how long that was; zero once it was accepted
}

// rests reports whether the account is not to be used now.
func (l lockout) rests(now time.Time) bool { return now.Before(l.until) }

// suspected reports whether the account was refused and not accepted since.
func (l lockout) suspected() bool { return l.rest > 0 }

// tried: one request tries the account after a rest, and no other until it is
// known what came of that.
func (l lockout) tried(now time.Time) lockout {
	l.until = now.Add(trialTime)
	return l
}

// refusal: the carrier refused the account.
func (l lockout) refusal(now time.Time) lockout {
	if l.refused++; l.refused < patience {
		return l
	}
	l.rest = min(max(2*l.rest, firstRest), lastRest)
	l.until = now.Add(l.rest)
	return l
}

// Rests returns until when the account is not used, because its carrier has
// refused it; zero if it is used.
func (c *Client) Rests(now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lockout.rests(now) {
		return time.Time{}
	}
	return c.lockout.until
}

// Forgive has the account used again: whoever looks after it says that it is
// right now.
func (c *Client) Forgive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lockout = lockout{}
}

// try reports whether a request may use the account, and whether it is the one
// that tries it after a rest.
func (c *Client) try(now time.Time) (may, trial bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lockout.rests(now) {
		return false, false
	}
	trial = c.lockout.suspected()
	if trial {
		c.lockout = c.lockout.tried(now)
	}
	return true, trial
}

// refused notes that the account was refused. What was on its way already when
// the rest began counts for nothing: a busy trunk has many such.
func (c *Client) refused(now time.Time, trial bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lockout.rests(now) && !trial {
		return
	}
	c.lockout = c.lockout.refusal(now)
}
