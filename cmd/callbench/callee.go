//go:build linux

package main

import (
	"bytes"
	"fmt"
	"time"
)

// answer is a callee's SDP.
const answer = "v=0\r\no=" + calleeWord + " 1 1 IN IP4 " + calleeHost + "\r\ns=" + calleeWord + "\r\nc=IN IP4 " + calleeHost +
	"\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"

// hearCallee takes what a callee received.
func (c *crowd) hearCallee(m message) {
	start, _, _ := bytes.Cut(m.raw, []byte(crlf))
	i, ok := c.index(between(start, "sip:", "@"))
	if !ok || m.status != 0 {
		return
	}
	p := &c.pairs[i]
	switch {
	case m.method == "INVITE" && p.b == calleeIdle:
		c.takeInvite(i, m)
	case m.method == "INVITE":
		send(c.callee, p.response, c.back)
	case m.method == "ACK" && p.b == calleeAnswered:
		p.b = calleeTalks
	case m.method == "BYE":
		p.b = calleeOver
		send(c.callee, c.appendResponse(nil, m, "200 OK", ""), c.back)
	case m.method == "CANCEL":
		send(c.callee, c.appendResponse(nil, m, "481 Gone", ""), c.back)
	}
}

// takeInvite rings and answers.
func (c *crowd) takeInvite(i int, m message) {
	p, now := &c.pairs[i], time.Now()
	if p.a != callerCalls && p.a != callerProceeds {
		c.crossed++ // or it came when its caller had given up
		return
	}
	p.toCallee, p.b = m.stamp.Sub(p.invited), calleeAnswered
	tag := fmt.Sprintf(";tag=%s%d-%d", calleeWord, i, p.call)
	contact := fmt.Sprintf("Contact: \"%s\" <sip:%s@%s:5060>\r\n", calleeWord, p.callee, calleeHost)
	ringing := c.appendEarly(nil, m, "180 "+calleeWord+" rings", tag, contact)
	send(c.callee, appendBody(ringing, ""), c.back)
	p.response = c.appendEarly(p.response[:0], m, "200 "+calleeWord+" answers", tag, contact)
	p.response = append(p.response, "Content-Type: application/sdp\r\n"...)
	p.response = appendBody(p.response, answer)
	p.answered = time.Now()
	send(c.callee, p.response, c.back)
	c.clock.after(now, t1, due{pair: i, call: p.call, what: repeatAnswer, again: t1})
}

// appendEarly writes a response to an INVITE up to its body.
func (c *crowd) appendEarly(b []byte, m message, status, tag, contact string) []byte {
	b = append(append(b, "SIP/2.0 "...), status...)
	b = append(b, crlf...)
	b = appendLine(appendLine(b, m, "Via"), m, "From")
	b = append(b, m.line("To")...)
	b = append(append(b, tag...), crlf...)
	b = appendLine(appendLine(b, m, "Call-ID"), m, "CSeq")
	b = append(b, contact...)
	return append(b, "Server: "+calleeWord+"\r\n"...)
}

// appendResponse writes a response within a dialog.
func (c *crowd) appendResponse(b []byte, m message, status, body string) []byte {
	b = append(append(b, "SIP/2.0 "...), status...)
	b = append(b, crlf...)
	for _, name := range [...]string{"Via", "From", "To", "Call-ID", "CSeq"} {
		b = appendLine(b, m, name)
	}
	return appendBody(b, body)
}
