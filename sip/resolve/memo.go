package resolve

import "time"

// How long what DNS said counts.
const (
	// minTTL spares the name servers a zone that forbids keeping.
	minTTL = 5 * time.Second
	// maxTTL is how late we may learn of a carrier's move.
	maxTTL = time.Hour
	// maxNegative bounds how long something is taken not to exist (RFC 2308
	// recommends hours; a gateway added by mistake late is missed at once).
	maxNegative = 5 * time.Minute
	// staleFor is how long an answer still serves whose refresh fails: a
	// carrier whose DNS is down can still take calls (RFC 8767 recommends 1 to 3
	// days).
	staleFor = 24 * time.Hour
	// retryFirst and retryMost are the waits after a look-up that failed; each
	// is twice the one before.
	retryFirst = 2 * time.Second
	retryMost  = time.Minute
)

// memo is what is known of one question. The zero memo knows nothing, and is
// due at once.
type memo struct {
	answer  Answer
	until   time.Time // when its time to live is over; zero: never answered
	due     time.Time // when to ask again
	retries int
}

// answered is the memo after DNS answered.
func (m memo) answered(a Answer, now time.Time) memo {
	most := maxTTL
	if a.empty() {
		most = maxNegative
	}
	ttl := min(max(a.TTL, minTTL), most)
	// Asked again with a fifth of the time left, so that it is renewed before it
	// ends even if the first try fails.
	return memo{answer: a, until: now.Add(ttl), due: now.Add(ttl - ttl/5)}
}

// failed is the memo after DNS did not answer.
func (m memo) failed(now time.Time) memo {
	m.due = now.Add(min(retryFirst<<min(m.retries, 8), retryMost))
	m.retries++
	return m
}

// counts reports whether the answer may still be used.
func (m memo) counts(now time.Time) bool {
	return !m.until.IsZero() && now.Before(m.until.Add(staleFor))
}
