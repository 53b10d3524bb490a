package edge

import "github.com/emiago/sipgo/sip"

// requestSheet is what a request is read onto, with its usual headers in one piece.
type requestSheet struct {
	msg  sip.Request
	head head
}

// responseSheet is what a response is read onto.
type responseSheet struct {
	msg  sip.Response
	head head
}

// pad is where sheets are torn off: each message has one of its own, but for the next
// one if nobody has kept the last.
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

// spent reports whether nobody keeps a message that has been taken: of an ACK, a
// provisional response and the answer to a BYE, all that anybody wants to know is read
// while the reader waits.
func spent(msg sip.Message) bool {
	switch m := msg.(type) {
	case *sip.Request:
		return m.IsAck()
	case *sip.Response:
		cseq := m.CSeq()
		return m.IsProvisional() || cseq != nil && cseq.MethodName == sip.BYE
	default:
		return false
	}
}
