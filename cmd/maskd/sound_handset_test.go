package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// handset is a phone of the test's own: its sound is said and heard packet by
// packet, where sipp and baresip only play and record.
type handset struct {
	wire   *net.UDPConn // SIP
	maskd  netip.AddrPort
	number string
	sdp    string

	// Told by the goroutine that serves.
	begun chan dialog
	infos chan siptest.Message
}

// dialog is what a handset knows of its call.
type dialog struct {
	callID        string
	local, remote string // as From and To have them
	target        string
	sound         netip.AddrPort // where maskd wants it
}

// newHandset puts a phone on a host. It answers whoever calls, and says goodbye to
// whoever hangs up. Its sound is at the port, described by the lines; the first of them
// is what m=audio has after the port.
func newHandset(t *testing.T, s *site, host netip.Addr, number string, port uint16, stream []string) *handset {
	t.Helper()
	h := describedBy(t, s, host, number, port, stream)
	h.wire = bind(t, host)
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = h.wire.Close() })
	serving.Go(h.serve)
	return h
}

// describedBy is a phone that is nowhere yet.
func describedBy(t *testing.T, s *site, host netip.Addr, number string, port uint16, stream []string) *handset {
	t.Helper()
	lines := []string{"v=0", "o=- 1 1 IN IP4 " + host.String(), "s=-", "c=IN IP4 " + host.String(), "t=0 0"}
	lines = append(lines, fmt.Sprintf("m=audio %d %s", port, stream[0]))
	return &handset{
		maskd: netip.AddrPortFrom(s.addr(1), 5060), number: number,
		sdp:   strings.Join(append(append(lines, stream[1:]...), ""), "\r\n"),
		begun: make(chan dialog, 1), infos: make(chan siptest.Message, 100),
	}
}

// serve deals with what arrives until the phone is gone.
func (h *handset) serve() {
	for data := make([]byte, 1<<16); ; {
		n, err := h.wire.Read(data)
		if err != nil {
			return
		}
		h.take(siptest.Parse(data[:n]))
	}
}

// take deals with a message.
func (h *handset) take(m siptest.Message) {
	switch {
	case m.Status() != 0:
		h.hear(m)
	case m.Method() == "INVITE":
		h.accept(m)
	case m.Method() == "INFO":
		h.infos <- m
		h.reply(m, m.Get("To"), "")
	case m.Method() != "ACK":
		h.reply(m, m.Get("To"), "")
	}
}

// hear takes a response; only the 200 to an INVITE concerns a handset.
func (h *handset) hear(m siptest.Message) {
	if m.Method() != "INVITE" || m.Status() != 200 {
		return
	}
	d := dialog{
		callID: m.Get("Call-ID"), local: m.Get("From"), remote: m.Get("To"),
		target: siptest.URI(m.Get("Contact")), sound: h.soundOf(m.Body),
	}
	h.send("ACK", d, m.Seq(), "", "")
	h.begin(d)
}

// accept answers a call.
func (h *handset) accept(m siptest.Message) {
	local := m.Get("To") + ";tag=" + h.number[1:]
	h.reply(m, local, h.sdp)
	h.begin(dialog{
		callID: m.Get("Call-ID"), local: local, remote: m.Get("From"),
		target: siptest.URI(m.Get("Contact")), sound: h.soundOf(m.Body),
	})
}

func (h *handset) begin(d dialog) {
	select {
	case h.begun <- d:
	default: // it was a retransmission
	}
}

// begins returns the next call that is up.
func (h *handset) begins(t *testing.T) dialog {
	t.Helper()
	select {
	case d := <-h.begun:
		return d
	case <-time.After(patience):
		t.Fatalf("%s has no call", h.at())
		return dialog{}
	}
}

func (h *handset) soundOf(sdp string) netip.AddrPort {
	_, rest, _ := strings.Cut(sdp, "m=audio ")
	var port uint16
	_, _ = fmt.Sscan(rest, &port) // 0 is found out soon enough
	return netip.AddrPortFrom(h.maskd.Addr(), port)
}

// call dials a DID.
func (h *handset) call(did string) {
	uri := fmt.Sprintf("sip:%s@%s", did, h.maskd.Addr())
	h.send("INVITE", dialog{
		callID: fmt.Sprintf("%s-%d", h.number[1:], time.Now().UnixNano()),
		local:  fmt.Sprintf("<sip:%s@%s>;tag=%[1]s", h.number, h.at().Addr()), remote: "<" + uri + ">", target: uri,
	}, 1, "application/sdp", h.sdp)
}

// press sends a digit by INFO.
func (h *handset) press(d dialog, seq int, body string) {
	h.send("INFO", d, seq, "application/dtmf-relay", body)
}

func (h *handset) at() netip.AddrPort { return h.wire.LocalAddr().(*net.UDPAddr).AddrPort() }

func (h *handset) send(method string, d dialog, seq int, kind, body string) {
	h.write(fmt.Sprintf("%s %s SIP/2.0", method, d.target),
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%s%d%s", h.at(), method, seq, d.callID),
		"Max-Forwards: 70", "From: "+d.local, "To: "+d.remote, "Call-ID: "+d.callID, fmt.Sprintf("CSeq: %d %s", seq, method),
		fmt.Sprintf("Contact: <sip:%s>", h.at()), "Content-Type: "+kind, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
}

// reply says 200, with a description or without.
func (h *handset) reply(m siptest.Message, to, sdp string) {
	lines := []string{"SIP/2.0 200 OK"}
	for _, via := range m.All("Via") {
		lines = append(lines, "Via: "+via)
	}
	h.write(append(lines, "From: "+m.Get("From"), "To: "+to, "Call-ID: "+m.Get("Call-ID"), "CSeq: "+m.Get("CSeq"),
		fmt.Sprintf("Contact: <sip:%s>", h.at()), "Content-Type: application/sdp", fmt.Sprintf("Content-Length: %d", len(sdp)), "", sdp)...)
}

// write leaves out a header that has no value.
func (h *handset) write(lines ...string) {
	var text strings.Builder
	for i, line := range lines {
		if strings.HasSuffix(line, ": ") {
			continue
		}
		text.WriteString(line)
		if i < len(lines)-1 {
			text.WriteString("\r\n")
		}
	}
	_, _ = h.wire.WriteToUDPAddrPort([]byte(text.String()), h.maskd)
}
