package resolve

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// registry is a DNS whose zone can change, and that can be down.
type registry struct {
	mu    sync.Mutex
	zone  zone
	down  bool
	asked map[string]int
}

func (r *registry) lookup(_ context.Context, q Question) (Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[q.Kind.String()+" "+q.Name]++
	if r.down {
		return Answer{}, errors.New("down")
	}
	a, _ := r.zone.find(q)
	return a, nil
}

func (r *registry) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *registry) count(question string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[question]
}

// kept runs a script with a book that is kept, in fake time.
func kept(t *testing.T, z zone, script func(*Book, *registry), services ...Service) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &registry{zone: z, asked: make(map[string]int)}
		b := NewBook(services, []Transport{UDP, TCP}, r.lookup)
		ctx, stop := context.WithCancel(context.Background())
		var keeping sync.WaitGroup
		keeping.Go(func() { b.Keep(ctx) })
		synctest.Wait()
		script(b, r)
		stop()
		keeping.Wait()
	})
}

func srvZone() zone {
	return zone{
		"SRV _sip._udp.h": Answer{Servers: []Server{{1, 1, 5060, "a"}}, TTL: 10 * time.Minute},
		"A a":             Answer{Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, TTL: time.Minute},
	}
}

var byUDP = Service{Host: "h", Transport: UDP}

func TestABookFollowsItsZone(t *testing.T) {
	kept(t, srvZone(), func(b *Book, r *registry) {
		want := func(when, want string) {
			t.Helper()
			if got := written(b.Candidates(byUDP)); got != want {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		want("at first", "1/1 udp 192.0.2.1:5060")
		r.set(func() { r.zone["A a"] = addrs("192.0.2.2") })
		time.Sleep(47 * time.Second)
		want("before the address is due", "1/1 udp 192.0.2.1:5060")
		time.Sleep(2 * time.Second)
		want("before its time is over", "1/1 udp 192.0.2.2:5060")
		if n := r.count("SRV _sip._udp.h"); n != 1 {
			t.Errorf("what is not due was asked for %d times", n)
		}
		if !b.Has(netip.MustParseAddr("192.0.2.2")) || b.Has(netip.MustParseAddr("192.0.2.1")) {
			t.Error("the book has the old address, or not the new one")
		}
	}, byUDP)
}

func TestABookServesWhatItHasWhileDNSIsDown(t *testing.T) {
	kept(t, srvZone(), func(b *Book, r *registry) {
		r.set(func() { r.down = true })
		time.Sleep(staleFor)
		if got := written(b.Candidates(byUDP)); got != "1/1 udp 192.0.2.1:5060" {
			t.Errorf("a day later: %q", got)
		}
		time.Sleep(time.Hour)
		if got := written(b.Candidates(byUDP)); got != "" {
			t.Errorf("much later: %q", got)
		}
		if n := r.count("A a"); n < 24*60 || n > 26*60+10 {
			t.Errorf("asked %d times in a bit more than a day, want once a minute", n)
		}
		r.set(func() { r.down = false })
		time.Sleep(retryMost)
		if got := written(b.Candidates(byUDP)); got != "1/1 udp 192.0.2.1:5060" {
			t.Errorf("up again: %q", got)
		}
	}, byUDP)
}

func TestABookForgetsWhatNothingLeadsTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registry{zone: srvZone(), asked: make(map[string]int)}
		b := NewBook([]Service{byUDP}, []Transport{UDP}, r.lookup)
		p := b.pages[byUDP]
		b.update(t.Context(), byUDP, p)
		r.zone["SRV _sip._udp.h"] = servers(Server{1, 1, 5060, "b"})
		time.Sleep(10 * time.Minute)
		b.update(t.Context(), byUDP, p)
		if _, kept := p.memos[Question{A, "a"}]; kept || len(p.memos) != 3 {
			t.Errorf("%d memos are kept", len(p.memos))
		}
	})
}

func TestABookLooksUpNoMoreThanItNeeds(t *testing.T) {
	literal := Service{Host: "192.0.2.9", Port: 5060}
	kept(t, srvZone(), func(b *Book, r *registry) {
		time.Sleep(time.Hour)
		if len(r.asked) != 0 {
			t.Errorf("asked %v", r.asked)
		}
		if got := written(b.Candidates(literal)); got != "0/0 udp 192.0.2.9:5060" {
			t.Errorf("an address: %q", got)
		}
		if b.Candidates(byUDP) != nil {
			t.Error("a service that is not in the book has candidates")
		}
	}, literal)
	kept(t, srvZone(), func(b *Book, r *registry) {
		r.set(func() { r.zone["SRV _sip._udp.h"] = servers(Server{1, 1, 5060, "b"}) })
		time.Sleep(20 * time.Minute)
		before := r.count("A a")
		time.Sleep(20 * time.Minute)
		if n := r.count("A a"); n != before {
			t.Errorf("a host that no server is on was asked for %d times more", n-before)
		}
	}, byUDP)
}
