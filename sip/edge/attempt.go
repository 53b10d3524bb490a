package edge

import (
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/digest"
	"maskd/sip/leg"
)

// attempt is one INVITE of ours and its transaction.
type attempt struct {
	listener *listener
	invite   *asking
	tries    int       // which of the leg's gateways it went to
	stream   *listener // which is to send it instead; nil: none. Decided once: who takes no stream may be forgotten
	*fate
}

// fate is what comes of an attempt. Safe for use by many goroutines.
type fate struct {
	roster  *roster
	target  Target
	told    atomic.Bool // the roster knows what came of it
	pending atomic.Bool // it has no final response yet
	gone    parting     // when none is waited for any more
}

// start sends the INVITE, in its lane if a stream has to be connected first: the
// call must not wait for that. What it says of itself is that it failed, or a
// final response that its transaction has acknowledged; a 2xx is taken from the
// wire.
func (a *attempt) start(me entry) error {
	a.pending.Store(true)
	f, onWire := a.fate, me // a may be the next one when this one is over
	onWire.put = func(s Signal) bool {
		f.provisional(s.status)
		return me.put(s)
	}
	a.listener.edge.legs.put(a.invite.local.tag, me)
	a.listener.edge.invites.put(a.invite.branch, onWire)
	return a.listener.requestOn(a.stream, &f.gone, a.invite, func(res *sip.Response) {
		f.pending.Store(false)
		f.over(res)
		if res == nil || !res.IsSuccess() {
			me.put(signalOfFinal(res, me.trunk))
		}
	})
}

// provisional tells the roster that the INVITE was taken, if it was: a 100 says
// no more than that it came. Whatever comes after that is the callee's word, or
// a far network's.
func (f *fate) provisional(status int) {
	if status > 100 && status < 200 {
		f.tell(report{verb: answered, status: status})
	}
}

// over counts the final response, and tells the roster what came of the INVITE;
// nil is that there was none.
func (f *fate) over(res *sip.Response) {
	if res != nil {
		f.roster.received.count(res.StatusCode)
	}
	f.tell(reportOfFinal(res))
}

// tell tells the roster what came of the INVITE, the first time. What comes
// later says nothing of the gateway: it was given up, or the call was.
func (f *fate) tell(what report) {
	if f.told.CompareAndSwap(false, true) {
		f.roster.called(f.target, what, time.Now())
	}
}

// stop ends the transaction, or the wait for the connection that it needs.
func (f *fate) stop() {
	if f.pending.Swap(false) {
		f.gone.come()
	}
}

// signalOfFinal returns what a final response other than 2xx to our INVITE
// means; nil is that there was none.
func signalOfFinal(res *sip.Response, trunk *Trunk) Signal {
	switch {
	case res == nil:
		return Signal{In: leg.Input{Kind: leg.GotFailure}}
	case trunk.obliges(res):
		return Signal{In: leg.Input{Kind: leg.GotRetry, Cause: leg.CauseOf(res.StatusCode)}, final: res.StatusCode, res: res}
	default:
		return Signal{In: inputOf(res.StatusCode), final: res.StatusCode}
	}
}

// obliges reports whether the INVITE may be sent again as a response asks for:
// with credentials, with a longer session interval (RFC 4028 section 7.3), or
// with another offer.
func (t *Trunk) obliges(res *sip.Response) bool {
	if _, asked := digest.PlaceOf(res.StatusCode); asked {
		return t.client != nil
	}
	if leg.CauseOf(res.StatusCode) == leg.CauseUnwilling {
		return true
	}
	least := timerOf(res).least
	return res.StatusCode == 422 && least > minSessionInterval && least <= maxSessionInterval
}

// cancel cancels the INVITE. How one went that may have left on a stream is known
// when its turn in the lane is over.
func (a *attempt) cancel(why leg.Cause) error {
	l, invite := a.listener, a.invite
	if a.stream == nil {
		cancel := composeCancel(invite, why)
		return l.requestSoon(&cancel, func(*sip.Response) {})
	}
	end := errand{ends: true, send: func() {
		cancel := composeCancel(invite, why)
		_ = l.request(nil, &cancel, func(*sip.Response) {})
	}}
	if !l.edge.lanes.run(&l.edge.wg, invite.callID, end) {
		return ErrSend
	}
	return nil
}

// close forgets the INVITE. A transaction that waits for a final response
// waits no more: it has no timer of its own once a provisional one has come
// (RFC 3261 section 9.1 has us destroy it).
func (a *attempt) close() {
	if a.invite == nil {
		return
	}
	a.listener.edge.invites.drop(a.invite.branch)
	a.listener.edge.legs.drop(a.invite.local.tag)
	a.told.Store(true)
	a.stop()
}
