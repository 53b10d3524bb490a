package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/digest"
	"maskd/sip/leg"
)

// ourChange is the re-INVITE or UPDATE that we sent last.
type ourChange struct {
	method   sip.RequestMethod
	seq      uint32
	req      *asking
	ack      string           // the branch of the ACK to the 2xx to a re-INVITE; empty: none was sent
	exchange *digest.Exchange // nil if the peer may not ask who we are
	gone     *parting         // when nobody waits for its response any more; nil then
	overdue  *time.Timer      // of a re-INVITE
}

// sendChange asks the peer to change or refresh the session.
func (u *usage) sendChange(method sip.RequestMethod, sdp []byte) error {
	u.dialog.cseq++
	u.drop()
	req := u.listener.composeChange(method, &u.dialog, u.listener.edge.tokens.branch(), u.timer, sdp)
	u.ours = ourChange{method: method, seq: u.dialog.cseq, req: &req, exchange: u.dialog.trunk.exchange(&req)}
	return u.startChange()
}

// startChange sends what we want changed.
func (u *usage) startChange() error {
	authorize(u.ours.req, u.ours.exchange)
	if u.ours.method == sip.INVITE {
		u.listener.edge.invites.put(u.ours.req.branch, entry{
			callID: u.dialog.callID, trunk: u.dialog.trunk, put: changed(u.put)})
	}
	u.ours.gone = new(parting)
	err := u.listener.requestUntil(u.ours.gone, u.ours.req, u.settled())
	if u.ours.method == sip.INVITE { // a provisional response has stopped timer B, for ever
		u.ours.overdue = time.AfterFunc(overdue, u.giveUpChange())
	}
	return err
}

// overdue is how long a peer may take over a re-INVITE that it has begun to
// answer: it rings nobody, so timer B's 32 s and a little are enough.
const overdue = 36 * time.Second

// giveUpChange tells the leg that the peer will not do what we have asked. A 2xx
// that comes after all is acknowledged as a stray.
func (u *usage) giveUpChange() func() {
	put, seq := u.put, u.ours.seq
	return func() { put(Signal{In: leg.Input{Kind: leg.GotRefused}, facts: facts{cseq: seq}}) }
}

// changed makes a 2xx to a re-INVITE of ours, which comes from the wire like
// any 2xx to an INVITE, one that a session hears. A provisional response to it
// means nothing.
func changed(put func(Signal) bool) func(Signal) bool {
	return func(s Signal) bool {
		if s.In.Kind != leg.GotOK {
			return true
		}
		s.In.Kind = leg.GotChanged
		return put(s)
	}
}

// settled tells the leg of the final response to what we have sent. The 2xx to
// an INVITE comes from the wire, the first and every other.
func (u *usage) settled() func(*sip.Response) {
	put, ours := u.put, u.ours
	return func(res *sip.Response) {
		s := Signal{In: leg.Input{Kind: changeKind(res)}, facts: facts{cseq: ours.seq}, res: res}
		if s.In.Kind == leg.GotChanged {
			if ours.method == sip.INVITE {
				return
			}
			s.facts, s.SDP = factsOfResponse(res), sdpOf(res)
		}
		put(s)
	}
}

// changeKind returns what the final response to a re-INVITE or UPDATE means;
// none means that the peer is gone (RFC 3261 section 12.2.1.2).
func changeKind(res *sip.Response) leg.InputKind {
	switch {
	case res == nil, res.StatusCode == 481, res.StatusCode == 408:
		return leg.GotGone
	case res.IsSuccess():
		return leg.GotChanged
	case res.StatusCode == 491, res.StatusCode == 500, res.StatusCode == 503: // later, perhaps (section 14.2)
		return leg.GotGlare
	default:
		return leg.GotRefused
	}
}

// learn takes from a refusal how the next refresh may do better: with a longer
// interval (RFC 4028 section 7.3), or by re-INVITE.
func (u *usage) learn(res *sip.Response) {
	switch {
	case res == nil:
	case res.StatusCode == 422:
		u.timer.Every = max(u.timer.Every, timerOf(res).least)
	case u.ours.method == sip.UPDATE:
		u.dialog.updates = false
	}
}

// RefreshOffers reports whether a refresh would have our SDP.
func (u *usage) RefreshOffers() bool { return !u.dialog.updates }

// sendRefresh refreshes the session: by UPDATE where the peer knows it, since
// that needs no SDP (RFC 4028 section 7.4).
func (u *usage) sendRefresh(sdp []byte) error {
	if u.dialog.updates {
		return u.sendChange(sip.UPDATE, nil)
	}
	return u.sendChange(sip.INVITE, sdp)
}

// ackChange acknowledges the 2xx to a re-INVITE of ours; one to an UPDATE needs none.
func (u *usage) ackChange() error {
	if u.ours.method != sip.INVITE {
		return nil
	}
	return u.listener.acknowledge(&u.dialog, u.ours.req, &u.ours.ack)
}

// maxGlares bounds how often in succession what we want is sent again: a peer
// that always wants something itself, or is always out of order, is left alone.
const maxGlares = 5

// patient reports whether what met the peer's own, or its trouble, may be sent
// again, and counts.
func (u *usage) patient() bool {
	u.glares++
	return u.glares <= maxGlares
}

// drop forgets what we sent last: a 2xx to it that comes again is a stray. A
// transaction that has had a provisional response would wait for a final one for
// ever.
func (u *usage) drop() {
	if u.ours.gone == nil {
		return
	}
	u.listener.edge.invites.drop(u.ours.req.branch)
	u.ours.gone.come()
	u.ours.gone = nil
	u.ours.inTime()
}

// inTime stops the wait for a final response.
func (c *ourChange) inTime() {
	if c.overdue != nil {
		c.overdue.Stop()
	}
}
