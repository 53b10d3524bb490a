package sip

import "maskd/mapping"

// census counts the live calls by what they have in common, where that is
// bounded. It is guarded by the mutex of [live].
type census struct {
	counts map[mapping.Common]int
	held   map[*call][]mapping.Common
}

func newCensus() census {
	return census{counts: make(map[mapping.Common]int), held: make(map[*call][]mapping.Common)}
}

// enter counts a call to all its quotas; if one of them is full, to none, and
// returns what the call is refused for.
func (s *census) enter(c *call, quotas []mapping.Quota) mapping.Refusal {
	for _, q := range quotas {
		if s.counts[q.Of] >= q.Most {
			return q.Refusal
		}
	}
	for _, q := range quotas {
		s.counts[q.Of]++
		s.held[c] = append(s.held[c], q.Of)
	}
	return 0
}

// leave counts a call no more; if it is one that counts to the calls in all, to
// these it does until its record is on the way.
func (s *census) leave(c *call, counts bool) {
	s.keep(c, func(of mapping.Common) bool { return of.InAll && counts })
}

// spare counts a call no more to what counts a number.
func (s *census) spare(c *call, n mapping.Number) {
	s.keep(c, func(of mapping.Common) bool { return of.Number != n })
}

// keep counts a call no more to what it need not count to.
func (s *census) keep(c *call, counts func(mapping.Common) bool) {
	var kept []mapping.Common
	for _, of := range s.held[c] {
		if counts(of) {
			kept = append(kept, of)
			continue
		}
		if s.counts[of]--; s.counts[of] == 0 {
			delete(s.counts, of)
		}
	}
	if len(kept) == 0 {
		delete(s.held, c)
		return
	}
	s.held[c] = kept
}
