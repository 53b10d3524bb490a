package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// enter begins the set-up of a call, if the daemon and the trunk have a place
// for it. Errors: ErrOverload, ErrLimit.
func (l *listener) enter(req *sip.Request, trunk *Trunk) (setup, seat, error) {
	now, key := time.Now(), l.intakeKey(req, trunk)
	begun, err := l.edge.intake.begin(key, now)
	if err != nil {
		return setup{}, seat{}, err
	}
	place, err := trunk.quota.enter(now)
	if err != nil {
		begun.settle(now)
		l.edge.intake.shut(key)
	}
	return begun, place, err
}

// turnAway tells the intake that an INVITE is refused before it is a call.
func (l *listener) turnAway(req *sip.Request, trunk *Trunk) {
	if begins(req) && req.CallID() != nil {
		l.edge.intake.refuse(l.intakeKey(req, trunk), time.Now())
	}
}

// disown tells the intake that the datagram read before was admitted and is no
// INVITE, as the parser sees it.
func (l *listener) disown() {
	if l.admitted != 0 {
		l.edge.intake.drop(l.admitted)
		l.admitted = 0
	}
}

func (l *listener) intakeKey(req *sip.Request, trunk *Trunk) intakeKey {
	return l.edge.intake.key(trunk.Name, req.CallID().Value(), req.CSeq().SeqNo)
}
