package edge

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/transaction"
)

// served is a server transaction on UDP (RFC 3261 section 17.2). Safe for use by
// many goroutines.
type served struct {
	// Never changed.
	listener *listener
	key      serverKey
	origin   *sip.Request
	back     netip.AddrPort // where its responses go

	mu        sync.Mutex
	machine   transaction.Server
	last      []byte // the last response, as it was sent, if it is to be sent again
	alarm     wakeup
	cancelled bool
	ended     bool
	onCancel  func(lost bool)
	onEnd     func()
}

func newServed(l *listener, key serverKey, req *sip.Request, now time.Time) *served {
	back, _ := netip.ParseAddrPort(wayBack(req))
	prompt := begins(req) // it is answered with 100 at once
	return &served{listener: l, key: key, origin: req, back: back, machine: transaction.NewServer(req.IsInvite(), prompt, now)}
}

// begin begins to wait.
func (t *served) begin(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wait(now)
}

// Respond sends a response, if the transaction may have it.
func (t *served) Respond(res response) error {
	err := t.respond(res, time.Now())
	if err != nil && !errors.Is(err, errCancelled) && !errors.Is(err, errOver) {
		t.end(true)
	}
	return err
}

func (t *served) respond(res response, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock() // even if to compose it panics: who repeats the request would wait for ever
	switch {
	case t.cancelled:
		return errCancelled
	case t.ended:
		return errOver
	}
	text := t.listener.edge.texts.ofResponse(&res) // before it counts: if this panics, there is another answer
	defer t.listener.edge.texts.Put(text)
	if !t.machine.Responded(res.status, now) {
		return errOver
	}
	return t.send(*text, now)
}

// send sends a response, and keeps it if it may be asked for again. The caller holds
// mu.
func (t *served) send(text text, now time.Time) error {
	if t.machine.Repeated() {
		t.keep(text)
	}
	t.wait(now)
	return t.listener.write(text, t.back)
}

// usualProvisional is room for the 100 and the 180 of an INVITE.
const usualProvisional = 512

// keep keeps a response as it was sent, in the place of the one before. The caller
// holds mu.
func (t *served) keep(text text) {
	if t.last == nil {
		t.last = make([]byte, 0, max(usualProvisional, len(text)))
	}
	t.last = append(t.last[:0], text...)
}

// sendOwn sends a response that the transaction makes. The caller holds mu.
func (t *served) sendOwn(status int, now time.Time) {
	res := composeResponse(t.origin, status)
	text := t.listener.edge.texts.ofResponse(&res)
	defer t.listener.edge.texts.Put(text)
	_ = t.send(*text, now)
}

// Repeat sends a response past the transaction.
func (t *served) Repeat(res response) error { return t.listener.writeResponse(&res, t.back) }

// repeated takes the same request once more.
func (t *served) repeated() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.machine.Repeated() && t.last != nil {
		_ = t.listener.write(t.last, t.back)
	}
}

// acknowledged takes the ACK for a final response other than 2xx.
func (t *served) acknowledged(ack *sip.Request) {
	now := time.Now()
	t.listener.heard(t.origin, ack)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.machine.Acknowledged(now)
	t.wait(now)
}

// cancel takes a CANCEL: an INVITE that has no final response gets 487 (section
// 9.2).
func (t *served) cancel() {
	now := time.Now()
	t.mu.Lock()
	if t.ended || !t.machine.Open() {
		t.mu.Unlock()
		return
	}
	t.cancelled = true
	t.machine.Responded(487, now)
	cancelled := t.onCancel
	t.mu.Unlock()
	if cancelled != nil { // before the caller can know: who hears of his 487 finds all as it is then
		cancelled(false)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		t.sendOwn(487, now)
	}
}

// waits reports whether the request has no final response yet.
func (t *served) waits() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.ended && t.machine.Open()
}

// OnCancel has f called when the request is cancelled, or nothing can be sent.
func (t *served) OnCancel(f func(lost bool)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onCancel = f
	return !t.cancelled && !t.ended
}

// OnEnd has f called when the transaction ends.
func (t *served) OnEnd(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onEnd = f
	return !t.ended
}

// Terminate ends the transaction.
func (t *served) Terminate() { t.end(false) }

// end ends the transaction; lost is whether that is because nothing can be sent.
func (t *served) end(lost bool) {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	t.ended = true
	t.alarm.stop()
	cancelled, ended := t.onCancel, t.onEnd
	t.mu.Unlock()
	t.listener.ledger.forgetServer(t.key)
	if lost && cancelled != nil {
		cancelled(true)
	}
	if ended != nil {
		ended()
	}
}

// wait sets the alarm to when the machine wants to be woken. The caller holds mu.
func (t *served) wait(now time.Time) {
	if !t.ended {
		t.alarm.at(t.machine.Due(), now, t)
	}
}

// wake does what has become due.
func (t *served) wake() {
	defer t.listener.edge.contain()
	if t.due(time.Now()) == transaction.End {
		t.end(false)
	}
}

func (t *served) due(now time.Time) transaction.Wake {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return transaction.Sleep
	}
	what := t.machine.Woken(now)
	switch what {
	case transaction.Try:
		t.sendOwn(100, now)
	case transaction.Again:
		if t.listener.echoes(t.origin, now) {
			_ = t.listener.write(t.last, t.back)
		}
	}
	t.wait(now)
	return what
}
