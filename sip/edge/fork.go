package edge

import (
	"slices"

	"github.com/emiago/sipgo/sip"
)

// maxForks bounds the early dialogs of an INVITE. A carrier rings a few phones
// at once, not dozens.
const maxForks = 16

// fork is an early dialog that our INVITE has created: each phone that rings
// has a tag of its own (RFC 3261 section 13.2.2.4).
type fork struct {
	dialog dialog
	rseq   uint32 // of its last reliable provisional response; 0: none yet
	answer []byte // its SDP, once that came in one of those; or in a later UPDATE
}

// forks are the early dialogs of one INVITE.
type forks []fork

// at returns the fork with the tag, nil if there is none.
func (fs forks) at(tag string) *fork {
	i := slices.IndexFunc(fs, func(f fork) bool { return f.dialog.remote.tag == tag })
	if i < 0 {
		return nil
	}
	return &fs[i]
}

// meet returns the fork that a provisional response belongs to, and makes it
// if it is new; nil if the response creates no dialog, or too many do.
func (fs *forks) meet(d dialog, f facts) *fork {
	if f.tag == "" {
		return nil
	}
	if known := fs.at(f.tag); known != nil {
		known.dialog.refresh(f)
		return known
	}
	if len(*fs) == maxForks {
		return nil
	}
	d.confirm(f)
	*fs = append(*fs, fork{dialog: d})
	return &(*fs)[len(*fs)-1]
}

// orderly reports whether a reliable provisional response is the next of its
// fork; one that came before, or leaves a gap, is not acknowledged (RFC 3262
// section 4).
func (f *fork) orderly(rseq uint32) bool {
	if f.rseq != 0 && rseq != f.rseq+1 {
		return false
	}
	f.rseq = rseq
	return true
}

// sendPrack acknowledges the last reliable provisional response of a fork.
// Whatever the peer says to that, it stops to repeat the response.
func (l *listener) sendPrack(f *fork, invite uint32) error {
	f.dialog.cseq++
	prack := l.composePrack(&f.dialog, rack{rseq: f.rseq, cseq: invite}, l.edge.tokens.branch())
	f.dialog.cseq += f.dialog.trunk.spare()
	return l.ask(f.dialog.trunk, &prack, func(*sip.Response) {})
}
