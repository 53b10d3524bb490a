package edge

import (
	"context"
	"encoding/binary"
	"io"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"maskd/sip/digest"
)

const (
	// leaveTime bounds the wait for the answer to the last REGISTER: the binding
	// ends by itself soon enough.
	leaveTime = 2 * time.Second
	// The first REGISTER waits until the listeners read, and not as long as
	// another trunk's.
	firstWait   = 100 * time.Millisecond
	firstSpread = 400 * time.Millisecond
)

// Registration is what operators see of a trunk that registers.
type Registration struct {
	Trunk     string
	State     RegistrationState
	Since     time.Time // of the state
	ExpiresAt time.Time // of the binding; zero: there is none
	NextAt    time.Time // the next REGISTER leaves
	Status    int       // of the last final response; 0: there was none
}

// registrar keeps one trunk registered, on a goroutine of its own.
type registrar struct {
	// Never changed.
	edge  *Edge
	trunk *Trunk
	over  chan struct{}      // closed when it sends nothing any more
	stop  context.CancelFunc // set by begin

	// The goroutine's.
	before      *registrar // the one whose place it takes, and which ends first; nil: none
	callID, tag string     // the same for all (RFC 3261 section 10.2)
	cseq        uint32

	inherited atomic.Bool // another goes on with the binding: it is not taken back

	// Under mu.
	mu     sync.Mutex
	now    registration
	routes []sip.Uri // Service-Route
}

// newRegistrar makes the registrar of a trunk. Nothing is sent.
func (e *Edge) newRegistrar(t *Trunk) *registrar {
	return &registrar{edge: e, trunk: t, over: make(chan struct{}), now: newRegistration(t.Register.Expiry, time.Time{}, time.Now()),
		callID: e.tokens.next(), tag: e.tokens.next(), cseq: e.tokens.cseq()}
}

// begin keeps the trunk registered until ctx is done, or it is stopped.
func (r *registrar) begin(ctx context.Context) {
	ctx, r.stop = context.WithCancel(ctx)
	r.edge.registered.Go(func() {
		defer close(r.over)
		r.keep(ctx)
	})
}

// succeed waits until the registrar before this one has ended, and takes over
// its binding if that is the same. The same Call-ID and a higher number make
// the next REGISTER a refresh of it.
func (r *registrar) succeed() {
	if r.before == nil {
		return
	}
	<-r.before.over // at most leaveTime
	if r.before.inherited.Load() {
		r.callID, r.tag, r.cseq = r.before.callID, r.before.tag, r.before.cseq
		is := r.before.current()
		is.failures = 0
		r.set(is)
	}
	r.before = nil
}

// Registrations returns how the trunks that register stand, in the order of
// the configuration.
func (e *Edge) Registrations() []Registration {
	var all []Registration
	for _, t := range e.peers().trunks {
		if t.registrar != nil {
			all = append(all, t.registrar.outline(time.Now()))
		}
	}
	return all
}

func (r *registrar) outline(at time.Time) Registration {
	now := r.current()
	o := Registration{Trunk: r.trunk.Name, State: now.state, Since: now.since, NextAt: now.due, Status: now.status}
	if now.holds(at) {
		o.ExpiresAt = now.until
	}
	return o
}

// keep registers the trunk, again and again until ctx is done, and takes the
// registration back.
func (r *registrar) keep(ctx context.Context) {
	r.succeed()
	wait := firstWait + time.Duration(r.chance()*float64(firstSpread))
	is := r.current()
	is.due = time.Now().Add(wait)
	r.set(is)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			r.leave()
			return
		case <-timer.C:
		}
		r.renew(ctx)
		timer.Reset(time.Until(r.current().due))
	}
}

// renew sends one REGISTER and waits for what it comes to.
func (r *registrar) renew(ctx context.Context) {
	before := r.current().asking(time.Now())
	r.set(before)
	res, contact := r.send(ctx, before.expiry)
	if ctx.Err() != nil {
		return
	}
	reply := replyOf(res, contact, before.expiry)
	after := before.heard(reply, time.Now(), r.chance())
	r.set(after)
	if after.state == Registered {
		r.follow(serviceRoute(res))
	}
	r.report(before, after)
}

// send sends a REGISTER, and returns its final response; nil if there is none,
// or ctx is done before.
func (r *registrar) send(ctx context.Context, expiry time.Duration) (*sip.Response, *sip.Uri) {
	l, addr, ok := r.reach()
	if !ok {
		return nil, nil
	}
	d := r.trunk.Register.dialog(l, r.trunk, addr)
	d.callID, d.local.tag = r.callID, r.tag
	r.cseq++
	d.cseq = r.cseq
	r.cseq += digest.Rounds // it may be sent again, with credentials
	done := make(chan *sip.Response, 1)
	register := l.composeRegister(&d, expiry)
	_ = l.ask(r.trunk, &register, func(res *sip.Response) { done <- res })
	select {
	case res := <-done:
		return res, d.contact
	case <-ctx.Done():
		return nil, d.contact
	}
}

// reach returns where the registrar is, and from where it can be reached. It
// must be a host that we listen to.
func (r *registrar) reach() (*listener, netip.AddrPort, bool) {
	to, ok := r.edge.rosterOf(r.trunk).at(r.trunk.Register.Registrar, time.Now())
	if !ok {
		return nil, netip.AddrPort{}, false
	}
	l, ok := r.edge.listenerFor(r.trunk, to.Network, to.Addr.Addr())
	return l, to.Addr, ok
}

// leave takes the binding back (section 10.2.2). One that may have been made by
// a REGISTER that we did not wait for is taken back too.
func (r *registrar) leave() {
	if r.inherited.Load() {
		return
	}
	now := r.current()
	if now.state != Unregistered {
		ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
		defer cancel()
		_, _ = r.send(ctx, 0)
	}
	r.set(now.left(time.Now()))
	r.follow(nil)
}

// report tells of what changed. An operator wants to know why a trunk is not
// reachable, and once is enough.
func (r *registrar) report(before, after registration) {
	fields := []zap.Field{zap.String("trunk", r.trunk.Name), zap.Int("status", after.status)}
	switch {
	case after.state == Registered && before.state != Registered:
		r.edge.log.Info("trunk registered", append(fields, zap.Time("expires_at", after.until))...)
	case after.state == RegistrationFailed && (before.failures == 0 || before.status != after.status):
		r.edge.log.Warn("trunk not registered", append(fields, zap.Time("next_at", after.due))...)
	}
}

func (r *registrar) current() registration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *registrar) set(now registration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = now
}

func (r *registrar) follow(routes []sip.Uri) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.routes = routes
}

// serviceRoute returns the way that the trunk's requests outside of a dialog
// are to take.
func (t *Trunk) serviceRoute() []sip.Uri {
	if t.registrar == nil {
		return nil
	}
	t.registrar.mu.Lock()
	defer t.registrar.mu.Unlock()
	return slices.Clone(t.registrar.routes)
}

// chance draws a number from 0 up to 1.
func (r *registrar) chance() float64 {
	var raw [8]byte
	_, _ = io.ReadFull(r.edge.cfg.Random, raw[:])
	return float64(binary.BigEndian.Uint64(raw[:])>>11) / (1 << 53)
}
