package edge

import "github.com/emiago/sipgo/sip"

// requestSheet is what a request is read onto, with its usual headers in one piece.
type requestSheet struct {
	msg  sip.Request
	head head
}

// passes reports whether nobody keeps the request: all that is wanted of an ACK is read
// while the reader waits.
func (s *requestSheet) passes() bool { return s.msg.IsAck() }

// responseSheet is what a response is read onto.
type responseSheet struct {
	msg  sip.Response
	head head
}

// passes reports whether nobody keeps the response: a provisional one, or the answer to
// a BYE.
func (s *responseSheet) passes() bool {
	return s.msg.IsProvisional() || s.head.cseq.MethodName == sip.BYE
}

// pad is where sheets are torn off: each message has one of its own, but for the next
// one if nobody keeps the last.
type pad[S any] struct {
	sheet []S  // the last one
	blank bool // it may be written on again
}

// tear returns an empty sheet.
func (p *pad[S]) tear() *S {
	if p.blank {
		clear(p.sheet)
	} else {
		p.sheet = make([]S, 1)
	}
	p.blank = false
	return &p.sheet[0]
}
