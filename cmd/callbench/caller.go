//go:build linux

package main

import (
	"fmt"
	"strconv"
	"time"
)

// offer is a caller's SDP. Nobody speaks: what is measured is signalling.
const offer = "v=0\r\no=" + callerWord + " 1 1 IN IP4 " + callerHost + "\r\ns=" + callerWord + "\r\nc=IN IP4 " + callerHost +
	"\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"

// begin lets the next pair call.
func (c *crowd) begin(now time.Time) {
	if len(c.free) == 0 {
		c.skipped++
		return
	}
	i := c.free[0]
	c.free = c.free[1:]
	p := &c.pairs[i]
	p.call++
	p.a, p.b = callerCalls, calleeIdle
	c.offered++
	p.request = fmt.Appendf(p.request[:0], "INVITE sip:%s@%s:5060 SIP/2.0\r\n", p.did, c.to.Addr())
	p.request = c.appendDialog(p.request, i, "INVITE", "")
	p.request = append(p.request, "Contact: <sip:"+callerWord+"@"+callerHost+":5060>\r\nP-Asserted-Identity: <sip:"...)
	p.request = append(p.request, p.caller...)
	p.request = append(p.request, "@"+callerHost+">\r\nUser-Agent: "+callerWord+"\r\nContent-Type: application/sdp\r\n"...)
	p.request = appendBody(p.request, offer)
	p.invited = time.Now()
	send(c.caller, p.request, c.to)
	c.clock.after(now, t1, due{pair: i, call: p.call, what: repeatInvite, again: t1})
	c.clock.after(now, timeout+c.talk, due{pair: i, call: p.call, what: giveUp})
}

// appendDialog adds the headers that all requests of a caller's call have.
func (c *crowd) appendDialog(b []byte, i int, method, toTag string) []byte {
	p := &c.pairs[i]
	cseq := 1
	if method == "BYE" {
		cseq = 2
	}
	branch := method
	if method == "ACK" && toTag == "" {
		branch = "INVITE"
	}
	b = fmt.Appendf(b, "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK%s%d-%d;rport\r\nMax-Forwards: 70\r\n", callerHost, branch, i, p.call)
	b = fmt.Appendf(b, "From: \"%s\" <sip:%s@%s>;tag=%s%d-%d\r\nTo: <sip:%s@%s>", callerWord, p.caller, callerHost, callerWord, i, p.call, p.did, maskdHost)
	if toTag != "" {
		b = append(append(b, ";tag="...), toTag...)
	}
	return fmt.Appendf(b, "\r\nCall-ID: %s-%d-%d\r\nCSeq: %d %s\r\n", callerWord, p.call, i, cseq, method)
}

// hearCaller takes what a caller received.
func (c *crowd) hearCaller(m message) {
	i, ok := c.index(between(m.header("From"), "<sip:", "@"))
	if !ok || m.status == 0 {
		return
	}
	p := &c.pairs[i]
	if call, _ := strconv.Atoi(string(between(m.header("Call-ID"), callerWord+"-", "-"))); call != p.call {
		return
	}
	switch {
	case m.method == "BYE" && m.status >= 200 && p.a == callerHangsUp:
		c.codes[m.status]++
		if m.status == 200 {
			c.end(i, &c.completed)
		} else {
			c.end(i, &c.failed)
		}
	case m.method != "INVITE":
	case m.status < 200 && p.a == callerCalls:
		p.a = callerProceeds
	case m.status >= 200 && m.status < 300:
		c.take200(i, m)
	case m.status >= 300:
		c.takeRefusal(i, m)
	}
}

// take200 acknowledges a 200, however often it comes.
func (c *crowd) take200(i int, m message) {
	p, now := &c.pairs[i], time.Now()
	if p.a == callerCalls || p.a == callerProceeds {
		c.codes[m.status]++
		p.a = callerTalks
		p.ack = fmt.Appendf(p.ack[:0], "ACK %s SIP/2.0\r\n", between(m.header("Contact"), "<", ">"))
		p.ack = c.appendDialog(p.ack, i, "ACK", string(between(m.header("To"), ";tag=", ";")))
		p.ack = appendBody(p.ack, "")
		p.request = fmt.Appendf(p.request[:0], "BYE %s SIP/2.0\r\n", between(m.header("Contact"), "<", ">"))
		p.request = c.appendDialog(p.request, i, "BYE", string(between(m.header("To"), ";tag=", ";")))
		p.request = appendBody(p.request, "")
		toCaller := m.stamp.Sub(p.answered)
		c.toCaller, c.toCallee = append(c.toCaller, toCaller), append(c.toCallee, p.toCallee)
		c.whole = append(c.whole, p.toCallee+toCaller)
		c.clock.after(now, c.talk, due{pair: i, call: p.call, what: hangUp})
	}
	if p.a != callerIdle {
		send(c.caller, p.ack, c.to)
	}
}

// takeRefusal acknowledges a final response that is none of success.
func (c *crowd) takeRefusal(i int, m message) {
	p := &c.pairs[i]
	b := fmt.Appendf(nil, "ACK sip:%s@%s:5060 SIP/2.0\r\n", p.did, maskdHost)
	b = c.appendDialog(b, i, "ACK", "")
	send(c.caller, appendBody(b, ""), c.to)
	if p.a != callerCalls && p.a != callerProceeds {
		return
	}
	c.codes[m.status]++
	if m.status == 503 {
		c.end(i, &c.shed)
	} else {
		c.end(i, &c.failed)
	}
}

func (c *crowd) hangUp(i int) {
	p := &c.pairs[i]
	p.a = callerHangsUp
	now := time.Now()
	send(c.caller, p.request, c.to)
	c.clock.after(now, t1, due{pair: i, call: p.call, what: repeatBye, again: t1})
}
