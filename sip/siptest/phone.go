package siptest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The protocol's times, from RFC 3261 table 4 and not from the code under test.
const (
	t1       = 500 * time.Millisecond
	t2       = 4 * time.Second
	patience = 64 * t1
)

// Phone is a SIP phone with one line, driven by a script. It sends again what
// RFC 3261 says must be sent again, acknowledges every final response, and
// accepts a BYE and a CANCEL; the rest is the script's.
type Phone struct {
	Identity

	conn  net.PacketConn
	addr  netip.AddrPort
	proxy netip.AddrPort
	known map[string]bool // what its script has heard of; nil: that is told again
	heard chan Message
	done  sync.WaitGroup

	mu      sync.Mutex
	serial  int
	ignored func(Message) bool
	invite  Message // that made the present call, sent or received
	asked   Message // the last INVITE sent, within the call or not
	inbound bool    // the call's INVITE was received
	peer    Message // the response received that made a dialog: a 2xx, or 18x before it
	said    Message // the last response sent to the INVITE
	ok      Message // the 2xx sent
	seq     int     // CSeq of our requests
	changed string  // the Via of the re-INVITE or UPDATE received last
	agreed  Message // what it was answered
	modesty []Edit  // of such an answer
	refusal func(Message) Message
	rseq    string            // of the reliable 18x received last
	terse   bool              // its ACK never has an SDP
	settled bool              // offer and answer were exchanged before the 2xx
	repeats map[string]func() // stops the retransmission of a message, by name
	closed  chan struct{}
}

// NewPhone plugs a phone into the network at an address; its requests go to
// the proxy.
func NewPhone(n *Network, id Identity, addr, proxy string) (*Phone, error) {
	conn, err := n.ListenPacket(context.Background(), "udp", addr)
	if err != nil {
		return nil, err
	}
	return plugIn(conn, id, netip.MustParseAddrPort(proxy), nil), nil
}

// PlugIn plugs a phone into a socket of a network in real time; its requests go to
// the proxy. There a message comes again wherever a machine stood still for T1, which
// no script can foresee: the phone reacts to it as it must, and Await passes it over.
func PlugIn(conn net.PacketConn, id Identity, proxy netip.AddrPort) *Phone {
	return plugIn(conn, id, proxy, make(map[string]bool))
}

func plugIn(conn net.PacketConn, id Identity, proxy netip.AddrPort, known map[string]bool) *Phone {
	addr, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	p := &Phone{Identity: id, conn: conn, addr: addr, proxy: proxy, known: known,
		heard: make(chan Message, 256), repeats: make(map[string]func()), closed: make(chan struct{})}
	p.done.Go(p.read)
	return p
}

// Close unplugs the phone.
func (p *Phone) Close() {
	close(p.closed)
	_ = p.conn.Close()
	p.mu.Lock()
	for _, stop := range p.repeats {
		stop()
	}
	p.mu.Unlock()
	p.done.Wait()
}

// Await returns the next message of one of those names; others in between are
// passed over. It gives up after a minute more than any timer of SIP.
func (p *Phone) Await(names ...string) (Message, error) {
	deadline := time.After(2*patience + time.Minute)
	for {
		select {
		case m := <-p.heard:
			if slices.Contains(names, m.Name()) {
				return m, nil
			}
		case <-deadline:
			return Message{}, fmt.Errorf("phone %s waited in vain for %s", p.addr, strings.Join(names, " or "))
		}
	}
}

// Ignore sets what the phone takes no notice of from now on, as if it had not
// come; nil for nothing.
func (p *Phone) Ignore(rule func(Message) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ignored = rule
}

// read takes messages until the phone is unplugged.
func (p *Phone) read() {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := p.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		m := Parse(buf[:n])
		if !p.react(m) || p.isKnown(string(buf[:n])) {
			continue
		}
		select {
		case p.heard <- m:
		case <-p.closed:
			return
		}
	}
}

// isKnown tells whether the script has heard of a message: what is sent again is the
// same word for word (RFC 3261 section 17). The reader calls it.
func (p *Phone) isKnown(text string) bool {
	if p.known == nil || p.known[text] {
		return p.known != nil
	}
	p.known[text] = true
	return false
}

// react does what a phone does by itself. It reports false if the message is ignored.
func (p *Phone) react(m Message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ignored != nil && p.ignored(m):
		return false
	case m.Status() != 0:
		p.reactToResponse(m)
	case m.Method() == "UPDATE", m.Method() == "INVITE" && Tag(m.Get("To")) != "":
		p.reactToChange(m)
	case m.Method() == "INVITE":
		p.reactToInvite(m)
	case m.Method() == "PRACK":
		p.stopRepeating(early)
		p.send(p.response(m, 200, "OK"))
	case m.Method() == "ACK":
		p.stopRepeating("change")
		p.stopRepeating(final)
	case m.Method() == "BYE":
		p.stopRepeating(final)
		p.send(p.response(m, 200, "OK"))
	case m.Method() == "INFO":
		p.send(p.response(m, 200, "OK"))
	case m.Method() == "CANCEL":
		p.send(p.response(m, 200, "OK"))
		if p.ok.Start == "" && p.said.Status() < 300 {
			p.finally(p.response(p.invite, 487, "Request Terminated"))
		}
	}
	return true
}

// reactToInvite takes a new call, or sees that it knows this INVITE: then a
// provisional response is sent again (RFC 3261 section 17.2.1). A final one
// comes again by itself.
func (p *Phone) reactToInvite(m Message) {
	if m.Get("Via") == p.invite.Get("Via") {
		if status := p.said.Status(); status > 0 && status < 200 {
			p.send(p.said)
		}
		return
	}
	p.invite, p.inbound, p.seq = m, true, p.Seq
	p.said, p.ok = Message{}, Message{}
}

func (p *Phone) reactToResponse(m Message) {
	if m.Status() >= 200 || m.Method() == "INVITE" {
		p.stopRepeating(m.Method())
	}
	if m.Method() != "INVITE" {
		return
	}
	switch status := m.Status(); {
	case status == 100:
	case status < 200:
		p.peer = m
		if m.Get("RSeq") != "" {
			p.prack(m)
		}
	case status < 300:
		p.peer = m
		p.acknowledge(m)
	default:
		p.send(p.acknowledgement(m))
	}
}

// acknowledgement makes the ACK to a failure (RFC 3261 section 17.1.1.3).
func (p *Phone) acknowledgement(m Message) Message {
	ack := Message{Start: "ACK" + strings.TrimPrefix(p.asked.Start, "INVITE")}
	ack.Headers = []Header{{"Via", p.asked.Get("Via")}, {"Max-Forwards", "70"}, {"From", p.asked.Get("From")},
		{"To", m.Get("To")}, {"Call-ID", m.Get("Call-ID")}, {"CSeq", strconv.Itoa(m.Seq()) + " ACK"}}
	return ack
}

// early names a reliable provisional response among the messages repeated.
const early = "early response"

// final names the final response to an INVITE among the messages repeated.
const final = "final response"

// finally sends a final response to the INVITE, again and again until the ACK
// comes (sections 13.3.1.4 and 17.2.1).
func (p *Phone) finally(m Message) {
	p.stopRepeating(early)
	p.said = m
	p.send(m)
	if m.Status() >= 300 {
		p.repeatUntil(time.Now().Add(patience-slowly), final, m, slowly, slowly)
		return
	}
	p.repeat(final, m, t1, t2)
}

// slowly is how often a failure is sent again. RFC 3261 has it sent faster, but
// sipgo waits T2 with a lock held before it acknowledges a repeated one, and in
// fake time whoever waits for a lock stops the clock. For the same reason none
// is sent in the last seconds before sipgo's timer D wants that lock.
const slowly = t2 + time.Second

// repeat sends a message again after an interval that doubles up to the limit,
// until it is stopped or patience ends. The caller holds mu.
func (p *Phone) repeat(name string, m Message, interval, limit time.Duration) {
	p.repeatUntil(time.Now().Add(patience), name, m, interval, limit)
}

func (p *Phone) repeatUntil(end time.Time, name string, m Message, interval, limit time.Duration) {
	p.stopRepeating(name)
	var timer *time.Timer
	timer = time.AfterFunc(interval, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.repeats[name] == nil || time.Now().After(end) {
			return
		}
		p.send(m)
		interval = min(2*interval, limit)
		timer.Reset(interval)
	})
	p.repeats[name] = func() { timer.Stop() }
}

func (p *Phone) stopRepeating(name string) {
	if stop := p.repeats[name]; stop != nil {
		stop()
		delete(p.repeats, name)
	}
}

func (p *Phone) send(m Message) {
	_, _ = p.conn.WriteTo(m.text(), net.UDPAddrFromAddrPort(p.proxy))
}
