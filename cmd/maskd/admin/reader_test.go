package admin_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// library is a store whose lists take as long as the test lets them.
type library struct {
	*memory
	came    chan struct{}
	finish  chan struct{}
	reading atomic.Int32
	most    atomic.Int32
}

// CDRsOf notes how many read at once.
func (l *library) CDRsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.CDR, error) {
	if n := l.reading.Add(1); n > l.most.Load() {
		l.most.Store(n)
	}
	defer l.reading.Add(-1)
	l.came <- struct{}{}
	<-l.finish
	return l.memory.CDRsOf(of, after, limit)
}

func TestListsAreMadeInTurn(t *testing.T) {
	const clients = 4 * admin.MaxReaders
	h := newHouse(t)
	l := &library{memory: h.store, came: make(chan struct{}, clients), finish: make(chan struct{})}
	h.start(l)
	var asking sync.WaitGroup
	for range clients {
		asking.Go(func() {
			if answer, text := h.ask(http.MethodGet, "/v1/cdrs", ""); answer.StatusCode != http.StatusOK || text != `{"data":[],"next":""}`+"\n" {
				t.Errorf("answer = %d %q", answer.StatusCode, text)
			}
		})
	}
	for range admin.MaxReaders {
		<-l.came
	}
	if answer, _ := h.ask(http.MethodGet, "/v1/calls/"+(mapping.ID{1}).Text(mapping.KindCall), ""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("what is no list is answered with %d while lists are made", answer.StatusCode)
	}
	close(l.finish)
	asking.Wait()
	if most := l.most.Load(); most != admin.MaxReaders {
		t.Errorf("%d lists were made at once", most)
	}
}
