package edge

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// The session timer of RFC 4028, on each leg by itself.
const (
	// sessionInterval is the default that section 4.2 recommends.
	sessionInterval = 30 * time.Minute
	// minSessionInterval is the least that section 4.2 allows.
	minSessionInterval = 90 * time.Second
	// maxSessionInterval bounds what a peer may want, so that seconds can't overflow.
	maxSessionInterval = 24 * time.Hour
)

// refresher is who refreshes a session, by the side of the transaction in
// which that was agreed.
type refresher uint8

const (
	refreshedByAny refresher = iota
	refreshedByClient
	refreshedByServer
)

// timerTerms is what a message says of session timers.
type timerTerms struct {
	supported bool // the sender understands them
	expires   time.Duration
	least     time.Duration
	by        refresher
}

// timerOf reads the terms of a message: Session-Expires (or x), Min-SE, and
// the option tag timer.
func timerOf(msg headered) timerTerms {
	t := timerTerms{supported: hasTag(msg, "Supported", "timer") || hasTag(msg, "k", "timer") || hasTag(msg, "Require", "timer")}
	for _, name := range []string{"Session-Expires", "x"} {
		for h := range named(msg, name) {
			t.expires, t.by = readExpires(h.Value())
		}
	}
	for h := range named(msg, "Min-SE") {
		t.least, _ = readExpires(h.Value())
	}
	return t
}

func readExpires(value string) (time.Duration, refresher) {
	digits, params, _ := strings.Cut(value, ";")
	seconds, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 32)
	if err != nil {
		return 0, refreshedByAny
	}
	every := min(time.Duration(seconds)*time.Second, maxSessionInterval)
	for param := range strings.SplitSeq(strings.ToLower(params), ";") {
		switch strings.ReplaceAll(param, " ", "") {
		case "refresher=uac":
			return every, refreshedByClient
		case "refresher=uas":
			return every, refreshedByServer
		}
	}
	return every, refreshedByAny
}

// tooSmall reports whether a request wants an interval that must be refused
// with 422 (section 9). Who does not understand the timer could not do better.
func (t timerTerms) tooSmall() bool {
	return t.supported && t.expires > 0 && t.expires < minSessionInterval
}

// agree is what our 2xx to a request agrees to, where the timer is now as given.
func (t timerTerms) agree(now leg.SessionTimer) leg.SessionTimer {
	switch {
	case !t.supported && t.expires == 0:
		return leg.SessionTimer{}
	case t.expires == 0:
		every := sessionInterval
		if now.Every != 0 {
			every = now.Every
		}
		return leg.SessionTimer{Every: max(every, t.least), Ours: true}
	case !t.supported: // a proxy asked (section 9, table 2)
		return leg.SessionTimer{Every: max(t.expires, minSessionInterval), Ours: true}
	}
	every := t.expires
	if every > sessionInterval { // a server may shorten it
		every = max(sessionInterval, t.least)
	}
	return leg.SessionTimer{Every: every, Ours: t.by == refreshedByServer}
}

// agreed is what a 2xx to our request agrees to.
func (t timerTerms) agreed() leg.SessionTimer {
	if t.expires == 0 {
		return leg.SessionTimer{}
	}
	return leg.SessionTimer{Every: max(t.expires, minSessionInterval), Ours: t.by != refreshedByServer}
}

// expiresAsked is the Session-Expires of a request of ours, expiresAnswered
// that of our 2xx: the refresher is named by its side of the transaction.
func expiresAsked(t leg.SessionTimer) string    { return expires(t.Every, t.Ours) }
func expiresAnswered(t leg.SessionTimer) string { return expires(t.Every, !t.Ours) }

func expires(every time.Duration, client bool) string {
	if client {
		return seconds(every) + ";refresher=uac"
	}
	return seconds(every) + ";refresher=uas"
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// headered is what a request and a response have in common here.
type headered interface {
	Headers() []sip.Header
}

// hasTag reports whether a header that lists option tags or methods names one.
func hasTag(msg headered, name, tag string) bool {
	for h := range named(msg, name) {
		for listed := range strings.SplitSeq(h.Value(), ",") {
			if strings.EqualFold(strings.TrimSpace(listed), tag) {
				return true
			}
		}
	}
	return false
}
