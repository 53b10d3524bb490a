package edge

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/transaction"
)

// asked is a client transaction on UDP (RFC 3261 section 17.1). Safe for use by
// many goroutines.
type asked struct {
	// Never changed.
	listener *listener
	key      clientKey
	origin   *asking
	over     func(*sip.Response) // called once: with the final response, or nil for none

	noticed atomic.Bool // the peer has said something, or nobody waits for that

	mu      sync.Mutex
	machine transaction.Client
	alarm   wakeup
	told    bool // over was called, or is about to be
	ended   bool
}

// launch sends a request, and calls over once. Errors: ErrSend; over is not called then.
func (l *listener) launch(req *asking, over func(*sip.Response)) (*asked, error) {
	now := time.Now()
	t := &asked{listener: l, key: clientKey{branch: req.branch, method: req.method}, origin: req,
		over: over, machine: transaction.NewClient(req.method == sip.INVITE, now)}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !l.ledger.ask(t) {
		return nil, ErrSend
	}
	if l.sendNow(req) != nil {
		t.told, t.ended = true, true
		l.ledger.forgetClient(t.key)
		return nil, ErrSend
	}
	l.ledger.unanswered.add(t, t.machine.Due(), now)
	return t, nil
}

// heard takes a response.
func (t *asked) heard(res *sip.Response) {
	t.noticed.Store(true)
	means := t.hear(res, time.Now())
	if means.Over {
		t.end()
	}
	if means.Final {
		t.tell(res)
	}
}

func (t *asked) hear(res *sip.Response, now time.Time) (means transaction.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock() // even if to compose its ACK panics: who repeats it would wait for ever
	if t.ended {
		return means
	}
	if means = t.machine.Responded(res.StatusCode, now); means.Ack {
		t.acknowledge(res)
	}
	t.wait(now)
	return means
}

// acknowledge sends the ACK to a refusal, as often as that comes. The caller
// holds mu.
func (t *asked) acknowledge(res *sip.Response) {
	tag := ""
	if to := res.To(); to != nil {
		tag, _ = to.Params.Get("tag")
	}
	ack := composeRefusalAck(t.origin, tag)
	_ = t.listener.sendNow(&ack)
}

// giveUp ends the transaction before it has its final response.
func (t *asked) giveUp() {
	t.end()
	t.tell(nil)
}

// tell says what the request came to, the first time.
func (t *asked) tell(res *sip.Response) {
	t.mu.Lock()
	first := !t.told
	t.told = true
	t.mu.Unlock()
	if first {
		t.over(res)
	}
}

// end forgets the transaction.
func (t *asked) end() {
	t.noticed.Store(true)
	t.mu.Lock()
	t.ended = true
	t.alarm.stop()
	t.mu.Unlock()
	t.listener.ledger.forgetClient(t.key)
}

// wait sets the alarm to when the machine wants to be woken. The caller holds mu.
func (t *asked) wait(now time.Time) {
	if !t.ended {
		t.alarm.at(t.machine.Due(), now, t)
	}
}

// wake does what has become due.
func (t *asked) wake() {
	defer t.listener.edge.contain()
	if t.due(time.Now()) == transaction.End {
		t.giveUp()
	}
}

func (t *asked) due(now time.Time) transaction.Wake {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return transaction.Sleep
	}
	what := t.machine.Woken(now)
	if what == transaction.Again {
		_ = t.listener.sendNow(t.origin)
	}
	t.wait(now)
	return what
}
