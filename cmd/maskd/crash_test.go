package main

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"

	"maskd/cmd/maskd/admin"
)

// The lines of the crash: on one calls are up, on the other it is tried who
// is connected.
const (
	talkLine  = "talk"
	trialLine = "trial"
)

const (
	rounds  = 3
	clients = 4
	// changes acknowledged in a round, before the daemon is killed amid others.
	changes = 150
)

// TestWhatIsAcknowledgedSurvivesAKill kills the daemon again and again while
// interactions are created and completed and two parties talk.
func TestWhatIsAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: talkLine, transport: "udp"}, line{name: trialLine, transport: "udp"})
	s.writeSound(t)
	s.start(t)
	pair := s.connect(t, s.line(talkLine), s.line(talkLine).number('a', 0), s.line(talkLine).number('b', 0))
	gateway := s.busyGateway(t)
	told := &ledger{entries: make(map[string]entry)}
	for round := range rounds {
		callee, caller := s.talkOn(t, pair)
		s.changeUntilKilled(t, round, told)
		caller.kill()
		callee.kill()
		<-caller.ended
		<-callee.ended
		s.check(t)
		s.start(t)
		told.verify(t, s)
		told.expectEvents(t, s)
		s.expectInterrupted(t, round+1)
	}
	t.Logf("%d acknowledged interactions in %d rounds, %d of them completed", len(told.entries), rounds, told.completed())
	told.call(t, s, gateway)
	s.stop(t)
	s.check(t)
}

// check expects the store to be whole, while no daemon runs.
func (s *site) check(t *testing.T) {
	t.Helper()
	output(t, s.program(t.Context(), "store", "check", "--config", "maskd.yaml"))
}

// entry is what the daemon has acknowledged of an interaction.
type entry struct {
	caller, did string
	asked, done bool // of its completion: sent, and acknowledged
}

// ledger is what the daemon has acknowledged.
type ledger struct {
	mu      sync.Mutex
	entries map[string]entry // by id
}

func (l *ledger) note(id string, e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[id] = e
}

func (l *ledger) completed() (n int) {
	for e := range maps.Values(l.entries) {
		if e.done {
			n++
		}
	}
	return n
}

// talkOn connects the pair with sipp, and returns when the two talk.
func (s *site) talkOn(t *testing.T, pair admin.Interaction) (callee, caller *agent) {
	t.Helper()
	l := s.line(talkLine)
	callee = s.callee(t, l, "callee_is_hung_up", l.number('b', 0), 1)
	caller = s.caller(t, l, "caller_is_hung_up", [][2]string{{l.number('a', 0), pair.Parties.A.Dial}}, 1)
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	return callee, caller
}

// changeUntilKilled lets clients create interactions and complete every other
// one, and kills the daemon when it has acknowledged enough.
func (s *site) changeUntilKilled(t *testing.T, round int, told *ledger) {
	t.Helper()
	var running sync.WaitGroup
	var acknowledged atomic.Int64
	for c := range clients {
		running.Go(func() {
			for n := 0; ; n++ {
				if s.change(t.Context(), fmt.Sprintf("%d%d%04d", round+1, c, n), n%2 == 1, told) != nil {
					return // it is dead
				}
				acknowledged.Add(1)
			}
		})
	}
	await(t, "the changes", func() bool { return acknowledged.Load() >= changes })
	s.kill()
	running.Wait()
}

// change creates an interaction, and completes it if asked to.
func (s *site) change(ctx context.Context, serial string, complete bool, told *ledger) error {
	a, b := "+919823"+serial, "+919824"+serial
	draft := admin.Draft{Pool: trialLine}
	draft.Parties.A.Numbers = []admin.PlainNumber{admin.PlainNumber(a)}
	draft.Parties.B.Numbers = []admin.PlainNumber{admin.PlainNumber(b)}
	i, err := s.client().Create(ctx, draft)
	if err != nil {
		return err
	}
	e := entry{caller: a, did: i.Parties.A.Dial, asked: complete}
	told.note(i.ID, e)
	if !complete {
		return nil
	}
	if _, err := s.client().Complete(ctx, i.ID, admin.Completion{}); err != nil {
		return err
	}
	e.done = true
	told.note(i.ID, e)
	return nil
}

// verify expects the daemon to know what it has acknowledged.
func (l *ledger) verify(t *testing.T, s *site) {
	t.Helper()
	for id, e := range l.entries {
		i, err := s.client().Interaction(t.Context(), id)
		switch {
		case err != nil:
			t.Errorf("acknowledged %s: %v", id, err)
		case i.Parties.A.Dial != e.did:
			t.Errorf("%s: dials %s, was told %s", id, i.Parties.A.Dial, e.did)
		case e.done && i.State != "completed", !e.asked && i.State != "active":
			t.Errorf("%s is %s; its completion asked for: %t, acknowledged: %t", id, i.State, e.asked, e.done)
		}
	}
}

// expectEvents expects the outbox to tell of all that was acknowledged, once, and of
// no interaction that is not there.
func (l *ledger) expectEvents(t *testing.T, s *site) {
	t.Helper()
	told := make(map[string]int)
	for at := (admin.Cursor{Limit: 1000}); ; {
		page, err := s.client().Events(t.Context(), at, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Data) == 0 {
			break
		}
		for _, m := range page.Data {
			told[m.Data.Interaction+" "+m.Type]++
			if _, known := l.entries[m.Data.Interaction]; known || m.Type != "interaction.created" {
				continue
			}
			if _, err := s.client().Interaction(t.Context(), m.Data.Interaction); err != nil {
				t.Errorf("told of %s, which is not there: %v", m.Data.Interaction, err)
			}
		}
		at.After = page.Next
	}
	for id, e := range l.entries {
		if told[id+" interaction.created"] != 1 || e.done && told[id+" interaction.completed"] != 1 {
			t.Errorf("%s was told %d times, its completion %d times", id, told[id+" interaction.created"], told[id+" interaction.completed"])
		}
	}
}

// call calls for every interaction. The gateway is always busy: who is told so
// was connected. One whose completion was not acknowledged may be either.
func (l *ledger) call(t *testing.T, s *site, gateway *busy) {
	t.Helper()
	conn := bind(t, s.line(trialLine).caller)
	want := 0
	for id, e := range l.entries {
		switch status := dial(t, conn, s.addr(1), e.caller, e.did); {
		case e.done && status != 404:
			t.Errorf("the completed %s is answered %d", id, status)
		case !e.asked && status != 486:
			t.Errorf("the live %s is answered %d", id, status)
		}
		if !e.asked {
			want++
		}
	}
	unsure := len(l.entries) - l.completed() - want
	if rung := gateway.rung(); rung < want || rung > want+unsure {
		t.Errorf("%d callees were rung, want %d and at most %d more", rung, want, unsure)
	}
}

// expectInterrupted expects that the calls that were up are closed.
func (s *site) expectInterrupted(t *testing.T, calls int) {
	t.Helper()
	found := s.cdrs(t, s.line(talkLine))
	for _, c := range found {
		if c.Outcome != "interrupted" || c.EndedBy != "crash" || c.AnsweredAt.IsZero() {
			t.Errorf("CDR of a call that was up: %s by %q, answered at %s", c.Outcome, c.EndedBy, c.AnsweredAt)
		}
	}
	if len(found) != calls {
		t.Errorf("%d CDRs of %d calls", len(found), calls)
	}
}
