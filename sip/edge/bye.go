package edge

import (
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// sendBye ends a dialog, and tells the leg when that is over.
func (l *listener) sendBye(d *dialog, why leg.Cause, put func(Signal) bool) error {
	d.cseq++
	bye := l.composeBye(d, l.edge.tokens.branch(), why)
	return l.ask(d.trunk, &bye, func(res *sip.Response) {
		over := Signal{In: leg.Input{Kind: leg.ByeOver}}
		if res != nil {
			over.final = res.StatusCode
		}
		put(over)
	})
}

// hears reports whether a request belongs to the dialog, and answers it if it does
// not: another tag is another dialog, and a number that does not rise is out
// of order (section 12.2.2).
func (d *dialog) hears(s Signal) bool {
	switch {
	case d.remote.tag != "" && s.facts.tag != d.remote.tag:
		_ = s.answer(composeResponse(s.req, 481))
		return false
	case d.heard != 0 && s.facts.cseq <= d.heard:
		_ = s.answer(composeResponse(s.req, 500))
		return false
	}
	d.heard = s.facts.cseq
	return true
}

// acceptBye answers the peer's BYE, and is done with it. On UDP the answer goes past
// its transaction: what is remembered of that is enough to give it again.
func (l *listener) acceptBye(bye question) error {
	if bye.tx == nil || l.network != UDP {
		return bye.accept()
	}
	l.over(bye.req, bye.tx, 200, time.Now())
	if bye.tx.Repeat(composeResponse(bye.req, 200)) != nil {
		return ErrSend
	}
	return nil
}

// accept answers the peer's BYE.
func (q question) accept() error {
	if q.tx == nil {
		return ErrSend
	}
	return q.answer(composeResponse(q.req, 200))
}

func sourceOf(msg sip.Message) netip.AddrPort {
	source, _ := netip.ParseAddrPort(msg.Source())
	return source
}
