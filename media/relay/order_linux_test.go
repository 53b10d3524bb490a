package relay

import (
	"net/netip"
	"testing"
	"time"
)

// The worker of other calls is not woken for the first flow of one, and it has the flow before it looks at what comes
// to that call.
func TestAFirstFlowWakesNobodyAndMeetsTheFirstPacket(t *testing.T) {
	c := besideAnother(t, "127.24.0.23")
	left := 0
	for range 20 {
		c.reserve()
		c.install(PCMA)
		time.Sleep(time.Millisecond)
		left += min(1, c.leftToDo())
		c.talk(1)
		c.Release(c.id)
	}
	if left == 0 {
		t.Error("the worker had the flow each time before anything came")
	}
}

// Where nothing comes that would wake it the worker has the flow within a second all the same: from then on it reports,
// and looks after silence.
func TestAFlowIsInstalledThoughNothingComes(t *testing.T) {
	t.Parallel()
	c := besideAnother(t, "127.24.0.24")
	c.reserve()
	c.install(PCMA)
	for deadline := time.Now().Add(patience); c.leftToDo() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not installed")
		}
	}
}

// If many calls begin at once their flows don't all wait until the worker wakes by itself: that would be memory of each.
func TestFlowsOfManyCallsDoNotPileUp(t *testing.T) {
	c := besideAnother(t, "127.24.0.26")
	most := 0
	for range 4 * mostWaiting {
		mustBegin(t, c.Switchboard, talking(PCMA).flow)
		most = max(most, c.leftToDo())
	}
	if most > mostWaiting {
		t.Errorf("%d orders waited at a time, want %d at most", most, mostWaiting)
	}
}

// Nor is it left undone where the only call that would have woken the worker ends at that very time, nor where there is
// none.
func TestAFlowIsInstalledThoughNoOtherCallIsLeft(t *testing.T) {
	c := besideAnother(t, "127.24.0.25")
	w, first := c.carrier.(*epoll).crew[0], c.id
	resume := stall(c.Switchboard)
	go c.Release(first)
	queued(c.Switchboard, 1)
	stalledAgain, resumeAgain := stalling(c.Switchboard)
	resume()
	<-stalledAgain // the call has ended, and the worker has not got to know yet that it was the last
	for range 2 {
		id := mustBegin(t, c.Switchboard, talking(PCMA).flow)
		resumeAgain()
		for deadline := time.Now().Add(patience); w.leftToDo() > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it is not installed")
			}
		}
		c.Release(id)
		resumeAgain = func() {}
	}
}

// besideAnother is a conversation whose worker has another call, which is silent.
func besideAnother(t *testing.T, host string) *conversation {
	t.Helper()
	return besideAnotherOn(t, host, PortRange{20000, 21999})
}

func besideAnotherOn(t *testing.T, host string, ports PortRange) *conversation {
	t.Helper()
	c := &conversation{t: t, host: netip.MustParseAddr(host)}
	c.Switchboard = startMover(t, NewEpoll, Config{Listen: []netip.Addr{c.host}, Ports: ports, Rest: 1, Workers: 1})
	c.reserve()
	c.install(PCMA)
	c.Stats(c.id) // it has its flow
	c.Stats(c.id) // and the worker knows that it has something to wake for
	return c
}

// leftToDo is how many orders the conversation's worker has not obeyed.
func (c *conversation) leftToDo() int { return c.carrier.(*epoll).crew[0].leftToDo() }

func (w *worker) leftToDo() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}
