package edge

import "github.com/emiago/sipgo/sip"

// response is one of ours to a request of the same leg, before it is written: what
// it has of that, and what it says beside. The headers of the request are its own
// and no copies: since its reader has handed it on, nobody changes them.
type response struct {
	to      *sip.Request
	status  int
	contact *sip.Uri // nil: none
	sayings
	sdp []byte
}

// tagged reports whether the request has all that a response is made of by us. Else
// it is not of a call, and sipgo finds a tag.
func (r response) tagged() bool {
	to := r.to.To()
	return to != nil && to.Params.Has("tag") && r.to.Via() != nil
}

// message returns the response as sipgo has it, for a stream.
func (r response) message() *sip.Response {
	res := r.answer()
	res.SipVersion = version // not what the request said
	if r.contact != nil {
		res.AppendHeader(&sip.ContactHeader{Address: *r.contact})
	}
	for _, s := range r.all() {
		res.AppendHeader(sip.NewHeader(s.name, s.value))
	}
	setSDP(res, r.sdp)
	return res
}

// answer returns what a response has of its request (RFC 3261 section 8.2.6.2): Via,
// From, To, Call-ID and CSeq, and what is handed back.
func (r response) answer() *sip.Response {
	if !r.tagged() {
		return sip.NewResponseFromRequest(r.to, r.status, phrases[r.status], nil)
	}
	res := sip.NewResponse(r.status, phrases[r.status])
	r.headers(res.AppendHeader)
	res.SetBody(nil)
	res.SetTransport(r.to.Transport())
	res.SetDestination(wayBack(r.to))
	return res
}

// headers hands over the request's headers that the response has, in their order.
func (r response) headers(each func(sip.Header)) {
	for _, h := range r.to.Headers() {
		if handedBack(h.Name(), r.status) {
			each(h)
		}
	}
	if from := r.to.From(); from != nil {
		each(from)
	}
	each(r.to.To())
	if id := r.to.CallID(); id != nil {
		each(id)
	}
	if cseq := r.to.CSeq(); cseq != nil {
		each(cseq)
	}
}

// handedBack reports whether a response of that status has every header of that
// name that its request has: Via, the Record-Route of a dialog (section 12.1.1), the
// Timestamp of a 100 (section 8.2.6.1).
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
