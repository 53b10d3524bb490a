package edge

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// asking is a request of ours before it is written: what its dialog says, and what
// it says beside. Once it is sent it is not changed, and is written anew each time
// that it is sent again.
type asking struct {
	dialog      // as it is in this request
	method      sip.RequestMethod
	branch      string
	from        *listener      // whose Via it has, and by whom it leaves
	to          netip.AddrPort // where it goes
	addressable bool           // it has our Contact
	sayings
	body []byte
}

// carry adds a body, if there is any.
func (a *asking) carry(kind string, body []byte) {
	if len(body) > 0 {
		a.say("Content-Type", kind)
		a.body = body
	}
}

// message returns the request as sipgo has it, for a stream.
func (a *asking) message() *sip.Request {
	h := &head{forwards: maxForwards, callID: sip.CallIDHeader(a.callID), cseq: sip.CSeqHeader{SeqNo: a.cseq, MethodName: a.method}}
	req := sip.NewRequest(a.method, *a.target)
	h.via.Params = h.viaParams[:0]
	a.from.sign(&h.via, a.branch)
	req.AppendHeader(&h.via)
	for _, route := range a.routes {
		req.AppendHeader(&sip.RouteHeader{Address: route})
	}
	req.AppendHeader(&h.forwards)
	h.from = sip.FromHeader{Address: *a.local.uri, Params: tagged(h.fromParams[:0], a.local.tag)}
	req.AppendHeader(&h.from)
	h.to = sip.ToHeader{Address: *a.remote.uri, Params: tagged(h.toParams[:0], a.remote.tag)}
	req.AppendHeader(&h.to)
	req.AppendHeader(&h.callID)
	req.AppendHeader(&h.cseq)
	req.AppendHeader(&h.length)
	if a.addressable {
		req.AppendHeader(&sip.ContactHeader{Address: *a.contact})
	}
	for _, s := range a.all() {
		req.AppendHeader(sip.NewHeader(s.name, s.value))
	}
	req.SetBody(a.body)
	a.from.address(req, a.to)
	return req
}

// asking writes what asking.message would be, without making it.
func (t *text) asking(a *asking) {
	t.add(string(a.method), " ")
	t.uri(a.target)
	t.add(" ", version, crlf)
	t.signature(a.from, a.branch)
	for i := range a.routes {
		t.address("Route: ", "", &a.routes[i], nil)
		t.add(crlf)
	}
	t.add("Max-Forwards: ")
	t.number(maxForwards)
	t.add(crlf)
	t.end("From: ", &a.local)
	t.end("To: ", &a.remote)
	t.add("Call-ID: ", a.callID, crlf, "CSeq: ")
	t.number(int64(a.cseq))
	t.add(" ", string(a.method), crlf, "Content-Length: ")
	t.number(int64(len(a.body)))
	t.add(crlf)
	if a.addressable {
		t.address("Contact: ", "", a.contact, nil)
		t.add(crlf)
	}
	for _, s := range a.all() {
		t.add(s.name, ": ", s.value, crlf)
	}
	t.add(crlf)
	*t = append(*t, a.body...)
}

// signature writes the Via that listener.sign makes.
func (t *text) signature(from *listener, branch string) {
	t.add("Via: ", version, "/", string(from.network), " ")
	if strings.IndexByte(from.host, ':') >= 0 { // IPv6
		t.add("[", from.host, "]")
	} else {
		t.add(from.host)
	}
	t.add(":")
	t.number(int64(from.addr.Port()))
	t.add(";branch=", branch)
	if from.network == UDP {
		t.add(";rport")
	}
	t.add(crlf)
}

// end writes one end of a dialog.
func (t *text) end(name string, e *end) {
	t.address(name, "", e.uri, nil)
	if e.tag != "" {
		t.add(";tag=", e.tag)
	}
	t.add(crlf)
}
