package edge

import "github.com/emiago/sipgo/sip"

// answerTo makes a response out of what a response has of its request (RFC 3261
// section 8.2.6.2): Via, From, To, Call-ID and CSeq, the Record-Route of a
// dialog (section 12.1.1), the Timestamp of a 100 (section 8.2.6.1). They are
// the request's own headers and no copies: since its reader has handed it on,
// nobody changes them.
func answerTo(req *sip.Request, status int) *sip.Response {
	to := req.To()
	if to == nil || !to.Params.Has("tag") || req.Via() == nil { // not of a call: sipgo finds a tag
		return sip.NewResponseFromRequest(req, status, phrases[status], nil)
	}
	res := sip.NewResponse(status, phrases[status])
	for _, h := range req.Headers() {
		if handedBack(h.Name(), status) {
			res.AppendHeader(h)
		}
	}
	if from := req.From(); from != nil {
		res.AppendHeader(from)
	}
	res.AppendHeader(to)
	if id := req.CallID(); id != nil {
		res.AppendHeader(id)
	}
	if cseq := req.CSeq(); cseq != nil {
		res.AppendHeader(cseq)
	}
	res.SetBody(nil)
	res.SetTransport(req.Transport())
	res.SetDestination(wayBack(req))
	return res
}

// handedBack reports whether a response of that status has every header of that
// name that its request has.
func handedBack(name string, status int) bool {
	switch {
	case sameName(name, "Via"):
		return true
	case sameName(name, "Record-Route"):
		return status > 100 && status < 300
	default:
		return status == 100 && sameName(name, "Timestamp")
	}
}
