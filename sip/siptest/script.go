package siptest

import (
	"fmt"
	"strconv"
	"strings"
)

// What a script makes a phone do.

// Invite calls a number: an INVITE with an SDP offer.
func (p *Phone) Invite(number string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq, p.inbound = p.Seq, false
	p.peer, p.ok, p.rseq, p.settled = Message{}, Message{}, "", false
	p.invite = p.fresh("INVITE", number)
	Body(p.SDP())(&p.invite)
	p.invite.edit(edits)
	p.ask(p.invite)
}

// Ask sends a request outside of any call.
func (p *Phone) Ask(method, number string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq = max(p.seq, p.Seq)
	m := p.fresh(method, number)
	m.edit(edits)
	p.send(m)
}

// AskAgain sends the last INVITE once more, as if no response had come.
func (p *Phone) AskAgain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send(p.asked)
}

// Respond answers the INVITE with any response but a 2xx.
func (p *Phone) Respond(status int, phrase string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.dressed(p.response(p.invite, status, phrase))
	m.edit(edits)
	if status >= 300 {
		p.finally(m)
		return
	}
	p.said = m
	p.send(m)
	if m.Get("RSeq") != "" {
		p.repeat(early, m, t1, patience)
	}
}

// Answer answers the INVITE with 200, and again until the ACK comes.
func (p *Phone) Answer(edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ok = p.dressed(p.response(p.invite, 200, "OK"))
	Body(p.SDP())(&p.ok)
	p.ok.edit(edits)
	p.finally(p.ok)
}

// Fork answers the INVITE as if it were another phone that rang too: with a
// tag of its own, and once.
func (p *Phone) Fork(tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.dressed(p.response(p.invite, 200, "OK"))
	to := p.invite.Get("To") + ";tag=" + tag
	With("To", to)(&m)
	Body(p.SDP())(&m)
	p.send(m)
}

// Cancel cancels the INVITE that was sent last.
func (p *Phone) Cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	cancel := Message{Start: "CANCEL" + strings.TrimPrefix(p.asked.Start, "INVITE")}
	for _, name := range []string{"Via", "Max-Forwards", "From", "To", "Call-ID"} {
		cancel.Headers = append(cancel.Headers, Header{name, p.asked.Get(name)})
	}
	cancel.Headers = append(cancel.Headers, Header{"CSeq", strconv.Itoa(p.asked.Seq()) + " CANCEL"})
	p.send(cancel)
	p.repeat("CANCEL", cancel, t1, t2)
}

// Bye hangs up, a call that rings too: RFC 3261 section 15 lets a caller do so,
// though CANCEL is what it is for.
func (p *Phone) Bye() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	bye := p.request("BYE", p.seq)
	p.send(bye)
	p.repeat("BYE", bye, t1, t2)
}

// Inform sends an INFO within the call.
func (p *Phone) Inform(kind, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	info := p.request("INFO", p.seq)
	info.Headers = append(info.Headers, Header{"Content-Type", kind})
	info.Body = body
	p.send(info)
}

// SDP returns what the phone describes itself with.
func (p *Phone) SDP() string { return p.sdp(p.addr.Addr()) }

// ask sends an INVITE. The caller holds mu.
func (p *Phone) ask(invite Message) {
	p.asked = invite
	p.send(invite)
	p.repeat("INVITE", invite, t1, patience)
}

// fresh makes a request outside of any dialog. The caller holds mu.
func (p *Phone) fresh(method, number string) Message {
	p.serial++
	uri := fmt.Sprintf("sip:%s@%s", number, p.proxy)
	m := Message{Start: method + " " + uri + " SIP/2.0"}
	m.Headers = append([]Header{
		{"Via", p.via(p.serial)}, {"Max-Forwards", "69"},
		{"From", fmt.Sprintf("%q <sip:%s@%s>;tag=%s", p.Name, p.Number, p.Host, p.tag())},
		{"To", "<" + uri + ">"}, {"Call-ID", p.callID()}, {"CSeq", strconv.Itoa(p.seq) + " " + method},
		{"Contact", p.contact()}, {"User-Agent", p.Agent},
	}, p.Extra...)
	return m
}

// request makes a request within the dialog. The caller holds mu.
func (p *Phone) request(method string, seq int) Message {
	target, from, to := URI(p.peer.Get("Contact")), p.peer.Get("From"), p.peer.Get("To")
	if p.inbound {
		target, from, to = URI(p.invite.Get("Contact")), p.said.Get("To"), p.invite.Get("From")
	}
	p.serial++
	m := Message{Start: method + " " + target + " SIP/2.0"}
	m.Headers = []Header{{"Via", p.via(p.serial)}, {"Max-Forwards", "70"}, {"From", from}, {"To", to},
		{"Call-ID", p.invite.Get("Call-ID")}, {"CSeq", strconv.Itoa(seq) + " " + method}}
	return m
}

// dressed adds to a response what a talkative phone says in it.
func (p *Phone) dressed(m Message) Message {
	m.Headers = append(m.Headers, Header{"Contact", p.contact()}, Header{"Server", p.Agent})
	m.Headers = append(m.Headers, p.Extra...)
	return m
}

// response makes a response to a request: RFC 3261 section 8.2.6.
func (p *Phone) response(req Message, status int, phrase string) Message {
	m := Message{Start: fmt.Sprintf("SIP/2.0 %d %s", status, phrase)}
	for _, via := range req.All("Via") {
		m.Headers = append(m.Headers, Header{"Via", via})
	}
	to := req.Get("To")
	if Tag(to) == "" && status > 100 {
		to += ";tag=" + p.tag()
	}
	m.Headers = append(m.Headers, Header{"From", req.Get("From")}, Header{"To", to},
		Header{"Call-ID", req.Get("Call-ID")}, Header{"CSeq", req.Get("CSeq")})
	return m
}

func (p *Phone) via(serial int) string {
	return fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bK%s%d", p.addr, p.tag(), serial)
}

func (p *Phone) contact() string { return fmt.Sprintf("<sip:%s@%s>", p.Number, p.addr) }
func (p *Phone) callID() string  { return fmt.Sprintf("call%d@%s", p.serial, p.Host) }
func (p *Phone) tag() string     { return "tag" + strings.Trim(p.Number, "+") }
