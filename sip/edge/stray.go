package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// A 2xx creates a dialog whether we still want it or not (RFC 3261 section
// 13.2.2.4). One that no call wants is acknowledged and ended at once: else
// somebody sits on an answered phone, and a carrier bills it.

// How many such there may be. Forks, and answers that cross a CANCEL, are one
// call in some hundred; each makes us send a BYE up to eleven times.
const (
	straysPerSecond = 50
	straysAtOnce    = 100
)

// takeStray takes a 2xx that no leg waits for: it came when the call was long
// over, and its dialog is ended; or it is of an older re-INVITE whose ACK was
// lost, and is acknowledged. It must have a tag that we made for its Call-ID:
// else whoever forges a source could have us send to it twelve times as much.
func (l *listener) takeStray(res *sip.Response) {
	d, ok := l.dialogOf(res)
	if !ok || !l.edge.tokens.made(d.local.tag, d.callID) {
		return
	}
	l.edge.counts.strays.Add(1)
	if !l.edge.strays.take(time.Now()) {
		return // it comes again
	}
	if _, lives := l.edge.legs.find(d.local.tag, d.callID); lives {
		_ = l.acknowledgeStray(&d, d.cseq)
		return
	}
	l.endDialog(&d, d.cseq)
}

// hangUp ends the dialog that a 2xx has made, and which nobody wants.
func (l *listener) hangUp(res *sip.Response) {
	if d, ok := l.dialogOf(res); ok {
		l.endDialog(&d, d.cseq)
	}
}

// dialogOf returns the dialog that a 2xx belongs to. All that is needed is in
// the response, and all of it is that peer's own.
func (l *listener) dialogOf(res *sip.Response) (dialog, bool) {
	trunk, from, to := l.peerOf(res), res.From(), res.To()
	if trunk == nil || from == nil || to == nil {
		return dialog{}, false
	}
	d := dialog{
		callID: res.CallID().Value(),
		local:  end{uri: &from.Address},
		remote: end{uri: &to.Address},
		target: &to.Address,
		cseq:   res.CSeq().SeqNo,
		trunk:  trunk,
		home:   sourceOf(res),
	}
	d.local.tag, _ = from.Params.Get("tag")
	d.confirm(factsOfResponse(res))
	return d, true
}

// endDialog acknowledges the 2xx to the INVITE of that number, and hangs up.
func (l *listener) endDialog(d *dialog, invite uint32) {
	if l.acknowledgeStray(d, invite) != nil {
		return // the 2xx comes again
	}
	_ = l.sendBye(d, leg.CauseCancelled, func(Signal) bool { return false })
}
