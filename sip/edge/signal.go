package edge

import (
	"cmp"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// Signal is something that happened to a leg on the wire. The call hands it
// back to the same leg with Heard, on its own goroutine, so that a leg's
// dialog is touched by that goroutine only.
type Signal struct {
	In leg.Input
	// SDP is the body of the message, for the media of this leg and nobody else.
	SDP []byte

	question               // with a request within a dialog
	status   int           // of a response that comes past its transaction
	final    int           // of one that the transaction has dealt with
	facts    facts         // what the message says of the dialog
	res      *sip.Response // with GotOK: to be ended if nobody wants it; with GotRetry, GotRefused: what the peer asks for
	tries    int           // of a response or a request to an Outbound: to which of its INVITEs
	late     bool          // with GotCancel: the transaction did not see it and has not answered the INVITE
	lost     bool          // with GotCancel: there was none, but the caller's connection is gone
}

// Status is that of a response that came; 0 for a request, and where none came.
func (s Signal) Status() int { return cmp.Or(s.status, s.final) }

// Repeats reports whether the peer sends the same again if the signal is lost,
// or whether it does not matter, or whether it is told that we can't now. A BYE
// is not repeated: its transaction has it.
func (s Signal) Repeats() bool {
	switch s.In.Kind {
	case leg.GotAck, leg.GotTrying, leg.GotRinging, leg.GotProgress, leg.GotOK, leg.GotDigit, leg.GotChanged,
		leg.GotReinvite, leg.GotUpdate, leg.GotPrack:
		return true
	default:
		return false
	}
}

// Discard answers what nobody will read any more: the peer's request of a call
// that is over.
func (s Signal) Discard() {
	switch {
	case s.tx == nil:
	case s.In.Kind == leg.GotBye:
		_ = s.accept()
	default:
		_ = s.answer(composeResponse(s.req, 481))
	}
}

// question is a request of the peer's, and the transaction by which it is answered.
type question struct {
	req *sip.Request
	tx  serving
}

// answer sends the response.
func (q question) answer(res response) error {
	if q.tx == nil || q.tx.Respond(res) != nil {
		return ErrSend
	}
	return nil
}

// facts are what a leg needs of a message, read while the message is still the
// reader's alone: sipgo parses headers when they are asked for, and the
// transaction asks on another goroutine. They hold nothing of the message but text:
// half of all messages are gone once they are heard (see [reader.read]).
type facts struct {
	tag    string // the peer's tag
	cseq   uint32
	target *sip.Uri  // the peer's Contact
	routes []sip.Uri // Record-Route, in the order received
	timer  timerTerms
	rseq   uint32 // of a reliable provisional response; 0: it is none
	rack   rack   // of a PRACK
	update bool   // the peer takes UPDATE
}

func factsOfResponse(res *sip.Response) facts {
	f := facts{target: contactOf(res), routes: recordRoutes(res), timer: timerOf(res), rseq: rseqOf(res), update: hasTag(res, "Allow", "UPDATE")}
	if to := res.To(); to != nil {
		f.tag, _ = to.Params.Get("tag")
	}
	if cseq := res.CSeq(); cseq != nil {
		f.cseq = cseq.SeqNo
	}
	return f
}

func factsOfRequest(req *sip.Request) facts {
	f := originOf(req)
	f.target, f.routes, f.timer, f.rack, f.update = contactOf(req), recordRoutes(req), timerOf(req), rackOf(req), hasTag(req, "Allow", "UPDATE")
	return f
}

// originOf reads of which dialog a request is and where in it. Of an ACK, a BYE and an
// INFO nobody wants to know more: they change nothing of the dialog.
func originOf(req *sip.Request) (f facts) {
	if from := req.From(); from != nil {
		f.tag, _ = from.Params.Get("tag")
	}
	if cseq := req.CSeq(); cseq != nil {
		f.cseq = cseq.SeqNo
	}
	return f
}

// message is what a request and a response have in common here.
type message interface {
	Contact() *sip.ContactHeader
	Headers() []sip.Header
}

// contactOf returns the peer's Contact; nil if there is none. sipgo's own look-up
// makes garbage of one that is not there.
func contactOf(msg message) *sip.Uri {
	if header(msg, "Contact") == nil || msg.Contact() == nil {
		return nil
	}
	uri := msg.Contact().Address // a copy: the message may be gone when it is read
	return &uri
}

// recordRoutes returns the route back; none if a part of it can't be read.
func recordRoutes(msg message) []sip.Uri {
	var routes []sip.Uri
	for h := range named(msg, "Record-Route") {
		var uri sip.Uri
		if _, err := sip.ParseAddressValue(h.Value(), &uri, nil); err != nil {
			return nil
		}
		routes = append(routes, uri)
	}
	return routes
}
