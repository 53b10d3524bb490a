package admin_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"maskd/cmd/maskd/admin"
)

// Whoever waits for events would have the place beside the calls' for a minute, and computes nothing.
func TestAllButTheWaitForEventsIsAnsweredAside(t *testing.T) {
	for path, want := range map[string]int64{"/v1/cdrs": 1, "/v1/calls/call_0": 1, "/v1/events": 0} {
		t.Run(path, func(t *testing.T) {
			var aside atomic.Int64
			h := newHouse(t)
			h.launch(admin.Options{Store: h.store, Aside: func(work func()) {
				aside.Add(1)
				work()
			}})
			h.ask(http.MethodGet, path, "")
			if n := aside.Load(); n != want {
				t.Errorf("%d were answered aside, not %d", n, want)
			}
		})
	}
}
