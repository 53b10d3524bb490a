package edge

import (
	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// A 2xx creates a dialog whether we still want it or not (RFC 3261 section
// 13.2.2.4). One that no call wants is acknowledged and ended at once: else
// somebody sits on an answered phone, and a carrier bills it.

// endStray ends the dialog of a 2xx that belongs to no leg: it came when the
// call was long over. All that is needed is in the response, and all of it is
// that peer's own.
func (l *listener) endStray(res *sip.Response) {
	trunk, from, to := l.trunkOf(res), res.From(), res.To()
	if trunk == nil || from == nil || to == nil {
		return
	}
	l.edge.counts.strays.Add(1)
	d := dialog{
		callID: res.CallID().Value(),
		local:  end{uri: from.Address},
		remote: end{uri: to.Address},
		target: to.Address,
		cseq:   res.CSeq().SeqNo,
		trunk:  trunk,
		home:   sourceOf(res),
	}
	d.local.tag, _ = from.Params.Get("tag")
	d.confirm(factsOfResponse(res))
	l.endDialog(&d, d.cseq)
}

// endDialog acknowledges the 2xx to the INVITE of that number, and hangs up.
func (l *listener) endDialog(d *dialog, invite uint32) {
	if l.send(l.composeAck(d, invite)) != nil {
		return // the 2xx comes again
	}
	_ = l.sendBye(d, leg.CauseCancelled, func(Signal) bool { return false })
}
