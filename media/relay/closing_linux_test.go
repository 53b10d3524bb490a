package relay

import (
	"net/netip"
	"sync"
	"testing"
	"time"
)

// Who closes the switchboard while somebody releases a circuit waits for that: what it leaves is closed too.
func TestNothingIsLeftByAReleaseThatMeetsClose(t *testing.T) {
	before := descriptors(t)
	s, err := NewEpoll(Config{Listen: []netip.Addr{netip.MustParseAddr("127.24.0.18")}, Ports: own(64), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
	if err != nil {
		t.Fatal(err)
	}
	resume := stall(s)
	var both sync.WaitGroup
	both.Go(func() { s.Release(id) })
	queued(s, 1)
	both.Go(s.Close)
	for closed := false; !closed; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		closed = s.closed
		s.mu.Unlock()
	}
	time.Sleep(10 * time.Millisecond) // for Close to go as far as it goes
	resume()
	both.Wait()
	if left := descriptors(t) - before; left != 0 {
		t.Errorf("%d descriptors are left", left)
	}
}
