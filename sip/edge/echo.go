package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// A refusal over UDP is sent again until it is acknowledged, up to eleven times in 32 s
// (RFC 3261 section 17.2.1, timer G). Anybody may write a trunk's address on his datagrams,
// and acknowledges nothing: then we would send eleven times as many to that address. So a
// trunk has so many repetitions of refusals to lose. Each ACK gives one back: only who hears
// us knows the tag in it.
const (
	echoesPerSecond = 50
	echoesAtOnce    = 100
)

// echoes reports whether a refusal may be sent once more.
func (l *listener) echoes(invite *sip.Request, now time.Time) bool {
	trunk := l.peerOf(invite)
	return trunk != nil && trunk.quota.echoes.take(now)
}

// heard notes that a refusal was heard.
func (l *listener) heard(invite, ack *sip.Request) {
	told, _ := invite.To().Params.Get("tag")
	if to := ack.To(); to != nil && told != "" {
		if tag, _ := to.Params.Get("tag"); tag != told {
			return
		}
		if trunk := l.peerOf(ack); trunk != nil {
			trunk.quota.echoes.giveBack()
		}
	}
}
