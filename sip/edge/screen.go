package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// allowed are the methods that we understand, as Allow writes them.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE"

// supported are the extensions that we understand, as Supported writes them.
const supported = "100rel, timer"

// sipsNotAllowed says that we can be reached by a SIP URI, not by a SIPS URI
// that comes in clear (RFC 5630 gives it the code).
const sipsNotAllowed = `380 - "SIPS Not Allowed"`

// maxCSeq is the bound of RFC 3261 section 8.1.1.5.
const maxCSeq = 1<<31 - 1

// verdict is what the screen says of a request: status 0 is well formed,
// anything else is the status to answer with, and a header that explains it.
type verdict struct {
	status int
	name   string
	value  string
}

// screen checks a request beyond what the parser does. The parser takes a
// request with two From headers, or with none; we answer it.
func screen(req *sip.Request) verdict {
	switch {
	case req.SipVersion != "SIP/2.0":
		return verdict{status: 505}
	case !wellFormed(req):
		return verdict{status: 400}
	case !understood(req.Method):
		return verdict{status: refusalOf(req.Method), name: "Allow", value: allowed}
	case !dialable(&req.Recipient):
		return verdict{status: 416}
	case req.Recipient.IsEncrypted() && req.Transport() != string(TLS): // whoever wants it secure has sent it in clear
		return verdict{status: 480, name: "Warning", value: sipsNotAllowed}
	case req.MaxForwards() != nil && req.MaxForwards().Val() == 0:
		return verdict{status: 483}
	}
	if tags, ok := required(req); ok {
		return verdict{status: 420, name: "Unsupported", value: tags}
	}
	if req.IsInvite() || req.Method == sip.UPDATE {
		return screenSession(req)
	}
	return verdict{}
}

// wellFormed reports whether every header that identifies the request is there
// exactly once (section 8.1.1), and means one thing: with two From headers, we
// and the carrier's border could each believe another one.
func wellFormed(req *sip.Request) bool {
	if !singular(req.Headers()) {
		return false
	}
	from, to, cseq := req.From(), req.To(), req.CSeq()
	if from == nil || to == nil || cseq == nil || req.CallID() == nil || req.CallID().Value() == "" {
		return false
	}
	if tag, _ := from.Params.Get("tag"); tag == "" {
		return false
	}
	return cseq.MethodName == req.Method && cseq.SeqNo <= maxCSeq
}

// once are the headers that have one value (section 7.3.1) and that we, or a
// border before us, judge a request by.
var once = [...]string{
	"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Content-Length",
	"Content-Disposition", "Expires", "Session-Expires", "Min-SE", "RAck", "Replaces", "Date", "Timestamp",
}

// singular reports whether none of them is there twice.
func singular(headers []sip.Header) bool {
	var seen [len(once)]bool
	for _, h := range headers {
		is := h.Name()
		for i, name := range once {
			if !sameName(is, name) {
				continue
			}
			if seen[i] {
				return false
			}
			seen[i] = true
		}
	}
	return true
}

// understood reports whether the method is one of those allowed.
func understood(m sip.RequestMethod) bool {
	switch m {
	case sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.OPTIONS, sip.INFO, sip.PRACK, sip.UPDATE:
		return true
	default:
		return false
	}
}

// refusalOf returns the status for a method that we don't allow: 405 for one
// that SIP has (section 8.2.1), 501 for one that nobody knows (section 21.5.2).
func refusalOf(m sip.RequestMethod) int {
	switch m {
	case sip.REGISTER, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.MESSAGE, sip.PUBLISH:
		return 405
	default:
		return 501
	}
}

// controls reports whether a header has a control character. The parser lets a
// bare line feed live inside a value: an echo of it would be a forged line for
// whoever reads our answer.
func controls(headers []sip.Header) bool {
	for _, h := range headers {
		for _, c := range []byte(h.Value()) {
			if c < ' ' && c != '\t' || c == 0x7f {
				return true
			}
		}
	}
	return false
}

// controls reports whether a header of the message being read has a control
// character. Of a datagram the reader has seen that already; a stream has no
// bounds before it is parsed.
func (l *listener) controls(headers []sip.Header) bool {
	if l.network == UDP {
		return l.unclean
	}
	return controls(headers)
}

// dialable reports whether we know what the URI names. A URN of a service is
// refused as a call to its number is.
func dialable(uri *sip.Uri) bool {
	switch uri.Scheme {
	case "sip", "sips", "tel":
		return true
	default:
		return serviceOf(uri) != 0
	}
}

// required returns the option tags that the request requires and we don't
// support (section 8.2.2.3).
func required(req *sip.Request) (string, bool) {
	if req.IsCancel() {
		return "", false // section 8.2.2.3: not for CANCEL, nor for ACK
	}
	var tags []string
	for h := range named(req, "Require") {
		for tag := range strings.SplitSeq(h.Value(), ",") {
			if tag = strings.TrimSpace(tag); !strings.EqualFold(tag, "100rel") && !strings.EqualFold(tag, "timer") {
				tags = append(tags, tag)
			}
		}
	}
	return strings.Join(tags, ", "), len(tags) > 0
}

// screenSession checks what an INVITE and an UPDATE need: a Contact to send
// requests to, an SDP if there is a body, and a session interval that we can
// keep (RFC 4028 section 9).
func screenSession(req *sip.Request) verdict {
	if count(req, "Contact") != 1 || req.Contact() == nil || req.Contact().Address.Wildcard {
		return verdict{status: 400}
	}
	if timerOf(req).tooSmall() {
		return verdict{status: 422, name: "Min-SE", value: seconds(minSessionInterval)}
	}
	if header(req, "Replaces") != nil { // no dialog of ours may be taken over (RFC 3891 section 3)
		return verdict{status: 481}
	}
	_, v := sessionOf(req)
	return v
}
