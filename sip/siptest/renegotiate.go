package siptest

import (
	"strconv"
	"strings"
	"time"
)

// What a phone does about the session of its call: re-INVITE, UPDATE, PRACK.

// Flowing sets the direction of the SDP: sendonly, recvonly, inactive.
func Flowing(direction string) Edit {
	return func(m *Message) { m.Body += "a=" + direction + "\r\n" }
}

// Reliable makes a provisional response one that wants a PRACK.
func Reliable(rseq int) Edit {
	return func(m *Message) {
		With("Require", "100rel")(m)
		With("RSeq", strconv.Itoa(rseq))(m)
	}
}

// Reinvite offers another session within the call.
func (p *Phone) Reinvite(edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.change("INVITE")
	Body(p.SDP())(&m)
	m.edit(edits)
	p.ask(m)
}

// Update sends an UPDATE within the call or the early dialog, without a body
// unless an edit gives it one.
func (p *Phone) Update(edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.change("UPDATE")
	m.edit(edits)
	p.send(m)
	p.repeat("UPDATE", m, t1, t2)
}

// change makes a request that refreshes the target. The caller holds mu.
func (p *Phone) change(method string) Message {
	p.seq++
	m := p.request(method, p.seq)
	m.Headers = append(m.Headers, Header{"Contact", p.contact()})
	return m
}

// Modesty sets how the phone answers a re-INVITE or an UPDATE from now on: with
// these edits to its 200. A nil list answers as if nothing had been set.
func (p *Phone) Modesty(edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.modesty = edits
}

// Refuse makes the phone refuse the next re-INVITE or UPDATE.
func (p *Phone) Refuse(status int, phrase string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = func(m Message) Message {
		refusal := p.response(m, status, phrase)
		refusal.edit(edits)
		return refusal
	}
}

// Terse makes the phone acknowledge a 2xx without an SDP, whether it owes one
// or not.
func (p *Phone) Terse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.terse = true
}

// reactToChange answers a re-INVITE or an UPDATE. The caller holds mu.
func (p *Phone) reactToChange(m Message) {
	if m.Get("Via") == p.changed { // it is known: the answer to an UPDATE is given again
		if m.Method() == "UPDATE" {
			p.send(p.agreed)
		}
		return
	}
	p.changed = m.Get("Via")
	if p.refusal != nil {
		p.agreed, p.refusal = p.refusal(m), nil
	} else {
		p.agreed = p.agreement(m)
	}
	if m.Method() == "INVITE" {
		p.repeatUntil(time.Now().Add(patience), "change", p.agreed, t1, t2)
	}
	p.send(p.agreed)
}

// agreement is a 200 with the phone's SDP, if the other end's has one or the
// re-INVITE wants to hear it.
func (p *Phone) agreement(m Message) Message {
	ok := p.response(m, 200, "OK")
	ok.Headers = append(ok.Headers, Header{"Contact", p.contact()})
	if m.Body != "" || m.Method() == "INVITE" {
		Body(p.SDP() + reversed(m.Body))(&ok)
	}
	ok.edit(p.modesty)
	return ok
}

// reversed is the line of SDP that answers a direction.
func reversed(sdp string) string {
	switch {
	case strings.Contains(sdp, "a=sendonly"):
		return "a=recvonly\r\n"
	case strings.Contains(sdp, "a=recvonly"):
		return "a=sendonly\r\n"
	case strings.Contains(sdp, "a=inactive"):
		return "a=inactive\r\n"
	default:
		return ""
	}
}

// acknowledge sends the ACK to a 2xx, with an answer if the 2xx had the offer.
// The caller holds mu.
func (p *Phone) acknowledge(m Message) {
	ack := p.request("ACK", m.Seq())
	if p.asked.Body == "" && m.Body != "" && !p.settled && !p.terse {
		Body(p.SDP() + reversed(m.Body))(&ack)
	}
	p.send(ack)
}

// prack acknowledges a reliable provisional response, with an answer if that
// had the offer. The caller holds mu.
func (p *Phone) prack(m Message) {
	if m.Get("RSeq") == p.rseq {
		return
	}
	p.rseq = m.Get("RSeq")
	p.seq++
	prack := p.request("PRACK", p.seq)
	prack.Headers = append(prack.Headers, Header{"RAck", p.rseq + " " + strconv.Itoa(p.invite.Seq()) + " INVITE"})
	if p.invite.Body == "" && m.Body != "" {
		Body(p.SDP())(&prack)
		p.settled = true
	}
	p.send(prack)
	p.repeat("PRACK", prack, t1, t2)
}
