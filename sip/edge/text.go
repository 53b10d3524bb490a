package edge

import (
	"strconv"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// text is a message as it is written, to the letter as sipgo writes it and with
// less garbage.
type text []byte

// texts are kept for the messages to come.
type texts struct{ sync.Pool }

// usualText holds an INVITE with its SDP.
const usualText = 2 << 10

// of returns a request of ours as it goes over the wire, in a text that is to be put
// back.
func (p *texts) of(req *asking) *text {
	scratch := p.scratch()
	scratch.asking(req)
	return scratch
}

// ofResponse returns a response of ours likewise.
func (p *texts) ofResponse(res *response) *text {
	scratch := p.scratch()
	scratch.response(res)
	return scratch
}

// length returns how long a request of ours is on the wire.
func (p *texts) length(req *asking) int {
	text := p.of(req)
	defer p.Put(text)
	return len(*text)
}

// scratch returns an empty text that is to be put back.
func (p *texts) scratch() *text {
	scratch, ok := p.Get().(*text)
	if !ok {
		fresh := make(text, 0, usualText)
		scratch = &fresh
	}
	*scratch = (*scratch)[:0]
	return scratch
}

// WriteString adds what sipgo writes.
func (t *text) WriteString(s string) (int, error) {
	*t = append(*t, s...)
	return len(s), nil
}

func (t *text) add(parts ...string) {
	written := *t
	for _, part := range parts {
		written = append(written, part...)
	}
	*t = written
}

func (t *text) number(n int64) { *t = strconv.AppendInt(*t, n, 10) }

func (t *text) message(msg sip.Message) {
	var headers []sip.Header
	switch m := msg.(type) {
	case *sip.Request:
		t.add(string(m.Method), " ")
		t.uri(&m.Recipient)
		t.add(" ", m.SipVersion, crlf)
		headers = m.Headers()
	case *sip.Response:
		t.add(m.SipVersion, " ")
		t.number(int64(m.StatusCode))
		t.add(" ", m.Reason, crlf)
		headers = m.Headers()
	}
	for _, h := range headers {
		t.line(h)
	}
	t.add(crlf)
	*t = append(*t, msg.Body()...)
}

// response writes what response.message would be, without making it.
func (t *text) response(r *response) {
	if !r.tagged() {
		t.message(r.message())
		return
	}
	t.add(version, " ")
	t.number(int64(r.status))
	t.add(" ", phrases[r.status], crlf)
	r.headers(t.line)
	t.add("Content-Length: ")
	t.number(int64(len(r.sdp)))
	t.add(crlf)
	if r.contact != nil {
		t.address("Contact: ", "", r.contact, nil)
		t.add(crlf)
	}
	for _, s := range r.all() {
		t.add(s.name, ": ", s.value, crlf)
	}
	if len(r.sdp) > 0 {
		t.add("Content-Type: ", typeSDP, crlf)
	}
	t.add(crlf)
	*t = append(*t, r.sdp...)
}

// line writes a header and ends its line.
func (t *text) line(h sip.Header) {
	t.header(h)
	t.add(crlf)
}

func (t *text) header(h sip.Header) {
	switch h := h.(type) {
	case *sip.ViaHeader:
		if strings.IndexByte(h.Host, ':') >= 0 { // IPv6
			h.StringWrite(t)
			return
		}
		t.via(h)
	case *sip.FromHeader:
		t.address("From: ", h.DisplayName, &h.Address, h.Params)
	case *sip.ToHeader:
		t.address("To: ", h.DisplayName, &h.Address, h.Params)
	case *sip.ContactHeader:
		if h.Address.Wildcard {
			h.StringWrite(t)
			return
		}
		t.address("Contact: ", h.DisplayName, &h.Address, h.Params)
	case *sip.CSeqHeader:
		t.add("CSeq: ")
		t.number(int64(h.SeqNo))
		t.add(" ", string(h.MethodName))
	case *sip.CallIDHeader:
		t.add("Call-ID: ", string(*h))
	case *sip.MaxForwardsHeader:
		t.add("Max-Forwards: ")
		t.number(int64(*h))
	case *sip.ContentLengthHeader:
		t.add("Content-Length: ")
		t.number(int64(*h))
	case *sip.ContentTypeHeader:
		t.add("Content-Type: ", string(*h))
	default:
		h.StringWrite(t)
	}
}

func (t *text) via(h *sip.ViaHeader) {
	t.add("Via: ", h.ProtocolName, "/", h.ProtocolVersion, "/", h.Transport, " ")
	t.add(h.Host)
	if h.Port > 0 {
		t.add(":")
		t.number(int64(h.Port))
	}
	t.params(h.Params)
}

func (t *text) address(name, display string, uri *sip.Uri, params sip.HeaderParams) {
	t.add(name)
	if display != "" {
		t.add(`"`, display, `" `)
	}
	t.add("<")
	t.uri(uri)
	t.add(">")
	t.params(params)
}

// uri writes a URI; one that is no usual SIP URI as sipgo does.
func (t *text) uri(uri *sip.Uri) {
	if uri.Scheme == "" || uri.User == "" || uri.Password != "" || uri.HierarhicalSlashes ||
		len(uri.UriParams)+len(uri.Headers) > 0 || strings.IndexByte(uri.Host, ':') >= 0 {
		uri.StringWrite(t)
		return
	}
	t.add(uri.Scheme, ":", uri.User, "@")
	t.add(uri.Host)
	if uri.Port > 0 {
		t.add(":")
		t.number(int64(uri.Port))
	}
}

func (t *text) params(params sip.HeaderParams) {
	for _, p := range params {
		t.add(";", p.K)
		switch {
		case p.V == "":
		case strings.IndexByte(p.V, ' ') >= 0, strings.IndexByte(p.V, '\t') >= 0:
			t.add(`="`, p.V, `"`)
		default:
			t.add("=", p.V)
		}
	}
}
