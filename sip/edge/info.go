package edge

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// DTMF by INFO has no RFC but two bodies that everybody knows:
//
//	application/dtmf-relay    Signal=5 CRLF Duration=160, in milliseconds
//	application/dtmf          5
const (
	dtmfRelay = "application/dtmf-relay"
	dtmfPlain = "application/dtmf"
)

// keys are the digits in the order of RFC 4733 section 3.2.
const keys = "0123456789*#ABCD"

// The bounds of a digit: what a person can press, and what a digit without a
// duration is taken to be.
const (
	shortestDigit = 40 * time.Millisecond
	usualDigit    = 160 * time.Millisecond
	longestDigit  = 5 * time.Second
)

// digitOf reads a digit from an INFO; false if there is none.
func digitOf(req *sip.Request) (leg.Digit, bool) {
	kind := ""
	if req.ContentType() != nil {
		kind, _, _ = strings.Cut(strings.ToLower(req.ContentType().Value()), ";")
	}
	switch strings.TrimSpace(kind) {
	case dtmfPlain:
		return digit(strings.TrimSpace(string(req.Body())), usualDigit)
	case dtmfRelay:
		return relayed(string(req.Body()))
	default:
		return leg.Digit{}, false
	}
}

// relayed reads the lines of application/dtmf-relay, in any order.
func relayed(body string) (leg.Digit, bool) {
	signal, duration := "", usualDigit
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			signal = value
		case "duration":
			if ms, err := strconv.ParseUint(value, 10, 16); err == nil {
				duration = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return digit(signal, duration)
}

func digit(signal string, duration time.Duration) (leg.Digit, bool) {
	key := strings.Index(keys, strings.ToUpper(signal))
	if len(signal) != 1 || key < 0 {
		return leg.Digit{}, false
	}
	return leg.Digit{Key: uint8(key), Duration: min(max(duration, shortestDigit), longestDigit)}, true
}

// composeInfo makes the INFO that tells a peer of a digit.
func (l *listener) composeInfo(d *dialog, pressed leg.Digit, branch string) asking {
	req := l.compose(sip.INFO, d, branch)
	req.carry(dtmfRelay, fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", keys[pressed.Key%leg.Keys], pressed.Duration.Milliseconds()))
	return req
}

// sendDigit tells the peer of a dialog of a digit. Nobody waits for the
// answer: a digit that comes late is worse than none.
func (l *listener) sendDigit(d *dialog, pressed leg.Digit) error {
	d.cseq++
	info := l.composeInfo(d, pressed, l.edge.tokens.branch())
	d.cseq += d.trunk.spare()
	return l.ask(d.trunk, &info, func(*sip.Response) {})
}

// takeInfo takes an INFO within a dialog: a digit, or an empty one, with which
// some peers see whether we are still here.
func (l *listener) takeInfo(req *sip.Request, tx serving, found entry) {
	pressed, ok := digitOf(req)
	switch {
	case ok:
		_ = tx.Respond(composeResponse(req, 200))
		found.put(Signal{In: leg.Input{Kind: leg.GotDigit, Digit: pressed}, facts: originOf(req)})
	case len(req.Body()) == 0:
		_ = tx.Respond(composeResponse(req, 200))
	default:
		l.reject(req, tx, verdict{status: 415, name: "Accept", value: dtmfRelay + ", " + dtmfPlain})
	}
}
