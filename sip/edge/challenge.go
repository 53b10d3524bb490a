package edge

import (
	"github.com/emiago/sipgo/sip"
)

// askedWho answers a challenge to our re-INVITE or UPDATE, and reports whether
// it is sent again: with the dialog's next number, and so by the goroutine that
// has the dialog. A dialog that a BYE has ended is not changed any more.
func (u *usage) askedWho(challenge *sip.Response) bool {
	if u.ended || !u.listener.challenged(u.dialog.trunk, u.ours.exchange, challenge) {
		return false
	}
	u.drop()
	u.dialog.cseq++
	u.ours.seq, u.ours.ack = u.dialog.cseq, ""
	next := u.listener.again(u.ours.req, u.ours.seq)
	u.ours.req = &next
	_ = u.startChange() // which tells the leg of an error
	return true
}
