package main

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

// The crowd: how many calls it makes if the environment doesn't say, how many
// begin in a second, and between how many pairs.
const (
	crowdCalls = 200
	crowdRate  = 50
	crowdPairs = 100 // a pair that calls too often at once is taken for a circle
	crowdLine  = "crowd"
)

// What its network does to every packet, and when nothing of a call may be left
// (64*T1 for the last transaction, and some seconds for what its end makes us do).
const (
	crowdLoss   = 0.1
	crowdJitter = 50 * time.Millisecond
	afterlife   = 64*500*time.Millisecond + 5*time.Second
)

// TestCrowdOfRealCalls lets sipp call sipp through the daemon, many at once, on
// a network that loses every tenth packet on each side: each call must be set
// up, be hung up, and be gone.
func TestCrowdOfRealCalls(t *testing.T) {
	calls := crowdCalls
	if n, err := strconv.Atoi(os.Getenv("MASKD_CROWD_CALLS")); err == nil {
		calls = n
	}
	s := newSite(t, line{name: crowdLine, transport: "udp"})
	s.start(t)
	l := s.line(crowdLine)
	phones := s.behind(l, "udp")
	s.weather(t, l.caller, phones.caller, crowdLoss, crowdJitter)
	s.weather(t, l.callee, phones.callee, crowdLoss, crowdJitter)

	var callers [][2]string
	for pair := range crowdPairs {
		i := s.connect(t, l, l.number('a', pair), l.number('b', pair))
		callers = append(callers, [2]string{l.number('a', pair), i.Parties.A.Dial})
	}
	// What comes late is no reason to give up a call.
	patient := []string{"-default_behaviors", "all,-abortunexp", "-l", fmt.Sprint(calls)}
	callee := s.callee(t, phones, "callee_in_a_crowd", l.number('b', 0), calls, patient...)
	caller := s.caller(t, phones, "caller_in_a_crowd", callers, calls, append(patient, "-r", fmt.Sprint(crowdRate), "-d", "3000")...)
	caller.wait(t)
	ended := time.Now()
	callee.wait(t)
	await(t, "the last call to be gone", func() bool { return s.liveCalls(t) == 0 })
	if took := time.Since(ended); took > afterlife {
		t.Errorf("the last call was gone after %v", took)
	}
	s.expectAnswered(t, l, calls)
}

// liveCalls returns how many calls there are, on one page at least.
func (s *site) liveCalls(t *testing.T) int {
	t.Helper()
	calls, err := s.client().Calls(t.Context(), admin.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	return len(calls.Data)
}

// expectAnswered expects so many CDRs, all of calls that were answered and hung
// up by their callers.
func (s *site) expectAnswered(t *testing.T, l line, calls int) {
	t.Helper()
	ends := make(map[string]int)
	for _, cdr := range s.cdrs(t, l) {
		ends[cdr.Outcome+" by "+cdr.EndedBy]++
	}
	if len(ends) != 1 || ends["answered by caller"] != calls {
		t.Errorf("%d calls ended %v", calls, ends)
	}
}
