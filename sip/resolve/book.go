package resolve

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Lookup asks DNS. An error says that there is no answer; that there are no
// records is an answer.
type Lookup func(context.Context, Question) (Answer, error)

// lookupTime bounds one look-up, with all its servers and tries.
const lookupTime = 5 * time.Second

// Book knows the candidates of a fixed set of services.
type Book struct {
	transports []Transport
	lookup     Lookup
	pages      map[Service]*page // never changed
}

// page is the book's page of one service.
type page struct {
	candidates atomic.Pointer[[]Candidate]
	memos      map[Question]memo // the goroutine's that keeps the page
}

// NewBook makes a book of these services. Transports are those that we can
// send on, the best liked first. Addresses are known at once; names once Keep
// has looked them up.
func NewBook(services []Service, transports []Transport, lookup Lookup) *Book {
	b := &Book{transports: transports, lookup: lookup, pages: make(map[Service]*page)}
	for _, s := range services {
		p := &page{memos: make(map[Question]memo)}
		candidates := Expand(s, transports, func(Question) (Answer, bool) { return Answer{}, false })
		p.candidates.Store(&candidates)
		b.pages[s] = p
	}
	return b
}

// With returns a book of other services, with all that this one knows of those
// that are in both. Call it when Keep of this one has returned.
func (b *Book) With(services []Service) *Book {
	next := NewBook(services, b.transports, b.lookup)
	for s := range next.pages {
		if p, known := b.pages[s]; known {
			next.pages[s] = p
		}
	}
	return next
}

// Candidates returns those of a service, as far as they are known. They are
// not the caller's to change.
func (b *Book) Candidates(s Service) []Candidate {
	p := b.pages[s]
	if p == nil {
		return nil
	}
	return *p.candidates.Load()
}

// Has reports whether any service of the book is at the address.
func (b *Book) Has(addr netip.Addr) bool {
	for _, p := range b.pages {
		for _, c := range *p.candidates.Load() {
			for _, a := range c.Addrs {
				if a.Addr() == addr {
					return true
				}
			}
		}
	}
	return false
}

// Keep looks up what is a name, again before each answer's time is over, until
// ctx is done.
func (b *Book) Keep(ctx context.Context) {
	var keepers sync.WaitGroup
	for s, p := range b.pages {
		if _, err := netip.ParseAddr(s.Host); err != nil {
			keepers.Go(func() { b.keep(ctx, s, p) })
		}
	}
	keepers.Wait()
}

func (b *Book) keep(ctx context.Context, s Service, p *page) {
	for ctx.Err() == nil {
		wake := b.update(ctx, s, p)
		timer := time.NewTimer(time.Until(wake))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// maxRounds is how often an answer can lead to another question: NAPTR to SRV
// to addresses, and one for luck.
const maxRounds = 4

// update asks what is due, and what the answers lead to; writes the page anew;
// and returns when the next question is due.
func (b *Book) update(ctx context.Context, s Service, p *page) (wake time.Time) {
	for range maxRounds {
		now := time.Now()
		candidates, used := p.expand(s, b.transports, now)
		due := p.due(used, now)
		if len(due) == 0 {
			p.candidates.Store(&candidates)
			return p.forget(used)
		}
		b.ask(ctx, p, due)
		if ctx.Err() != nil {
			break
		}
	}
	return time.Now().Add(retryFirst) // answers that lead ever further: not in this round
}

// expand expands the service, and tells which questions that took.
func (p *page) expand(s Service, transports []Transport, now time.Time) ([]Candidate, map[Question]bool) {
	used := make(map[Question]bool)
	candidates := Expand(s, transports, func(q Question) (Answer, bool) {
		used[q] = true
		if m := p.memos[q]; m.counts(now) {
			return m.answer, true
		}
		return Answer{}, false
	})
	return candidates, used
}

func (p *page) due(used map[Question]bool, now time.Time) (due []Question) {
	for q := range used {
		if !p.memos[q].due.After(now) {
			due = append(due, q)
		}
	}
	return due
}

// forget drops what no candidate needs any more, and returns when the first of
// the rest is due.
func (p *page) forget(used map[Question]bool) (wake time.Time) {
	for q, m := range p.memos {
		switch {
		case !used[q]:
			delete(p.memos, q)
		case wake.IsZero() || m.due.Before(wake):
			wake = m.due
		}
	}
	return wake
}

// ask asks all the questions at once, and notes the answers.
func (b *Book) ask(ctx context.Context, p *page, questions []Question) {
	timed, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	type reply struct {
		answer Answer
		err    error
	}
	replies := make([]reply, len(questions))
	var asking sync.WaitGroup
	for i, q := range questions {
		asking.Go(func() { replies[i].answer, replies[i].err = b.lookup(timed, q) })
	}
	asking.Wait()
	if ctx.Err() != nil { // that there is no answer says nothing
		return
	}
	now := time.Now()
	for i, q := range questions {
		if replies[i].err != nil {
			p.memos[q] = p.memos[q].failed(now)
			continue
		}
		p.memos[q] = p.memos[q].answered(replies[i].answer, now)
	}
}
