package edge

import (
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// givenUp is an INVITE that is not sent any more, because its gateway has said
// nothing in its time. The gateway may have got it all the same, and wake up,
// even when the call is over.
type givenUp struct {
	attempt
	cancelled *atomic.Bool
}

// lingering is as long as a gateway may sit on what it was sent: longer than
// timer B, after which nobody who invites has any patience left.
const lingering = 64 * leg.T1

// giveUp sends the INVITE no more. The calls to come shun its gateway, and this
// one tries another.
func (a *attempt) giveUp() givenUp {
	a.tell(report{verb: silent})
	a.stop()
	left := givenUp{attempt: *a, cancelled: new(atomic.Bool)}
	edge := a.listener.edge
	invite := a.invite
	edge.legs.drop(invite.local.tag)
	edge.invites.put(invite.branch, entry{callID: invite.callID, trunk: invite.trunk, finals: true,
		put: func(s Signal) bool {
			left.wake(s)
			return true
		}})
	time.AfterFunc(lingering, func() { edge.invites.drop(invite.branch) })
	return left
}

// wake deals with what still comes of the INVITE: a phone that rings would ring
// on for nobody, so it is cancelled as soon as it may be (RFC 3261 section 9.1);
// whoever answers is hung up on; a final response is acknowledged, as the
// transaction would have done (section 17.1.1.3).
func (g givenUp) wake(s Signal) {
	switch {
	case s.status < 200:
		if !g.cancelled.Swap(true) {
			_ = g.cancel(leg.CauseCancelled)
		}
	case s.status < 300:
		g.listener.hangUp(s.res)
	default:
		g.roster.received.count(s.status)
		refused := g.invite.dialog
		refused.remote.tag = s.facts.tag
		ack := g.listener.compose(sip.ACK, &refused, g.invite.branch)
		_ = g.listener.send(&ack)
	}
}
