package edge

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// narrow shuts the governor's window as far as it goes, as after an overload.
func (x *exchange) narrow() {
	x.edge.intake.mu.Lock()
	defer x.edge.intake.mu.Unlock()
	x.edge.intake.governor.window, x.edge.intake.governor.looked = leastWindow, time.Now()
}

// pour sends datagrams to the edge, so many a second, until stopped.
func (x *exchange) pour(from net.PacketConn, perSecond int, datagram func(i int) string) (stop func()) {
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-time.After(time.Second / time.Duration(perSecond)):
			}
			x.hand(from, datagram(i))
		}
	}()
	return func() { close(over); <-stopped }
}

// hand sends a datagram to the edge, and waits for nothing.
func (x *exchange) hand(from net.PacketConn, data string) {
	_, _ = from.WriteTo([]byte(data), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr)))
}

// said returns what the edge has sent to an address, without what the network
// saw before.
func (x *exchange) said(before int, to string) (messages []siptest.Message) {
	for _, p := range x.network.Packets()[before:] {
		if p.From.String() == edgeAddr && p.To.String() == to {
			messages = append(messages, siptest.Parse(p.Data))
		}
	}
	return messages
}

// What one trunk sends and never becomes a call takes no other trunk's calls
// their place, however much of it there is, and whenever the last overload was.
func TestWhatIsNoCallShedsNobodysCall(t *testing.T) {
	rivals := func(name string) lines {
		return invite().with("Call-ID: " + name).with("Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK" + name + ";rport")
	}
	numbered := func(i int) lines { return rivals(fmt.Sprint("bad", i)) }
	for _, row := range []struct {
		name string
		text func(i int) string
	}{
		{"refused by the screen", func(i int) string { return numbered(i).with("Require: precondition").text(sdp) }},
		{"no SIP", func(i int) string { return numbered(i).start("INVITE sip:x").text(sdp) }},
		{"a control character", func(i int) string { return numbered(i).and("Subject: a\x01b").text(sdp) }},
		{"the branch of another call", func(i int) string {
			return numbered(i).with("Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bKone;rport").text(sdp)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				rival := x.plug(rivalAddr)
				before := len(x.network.Packets())
				stop := x.pour(rival, 50, row.text)
				time.Sleep(time.Second)
				x.narrow()
				time.Sleep(2 * time.Second)
				const calls = 100
				for i := range calls {
					x.hand(x.carrier, other(fmt.Sprint("good", i)).text(sdp))
					time.Sleep(50*time.Millisecond + 7*time.Microsecond)
				}
				stop()
				shed := make(map[string]bool)
				for _, m := range x.said(before, carrierAddr) {
					if m.Name() == "503" {
						shed[m.Get("Call-ID")] = true
					}
				}
				if len(shed) > calls/20 {
					t.Errorf("%d of %d calls of another trunk are shed", len(shed), calls)
				}
			})
		})
	}
}

// Every transaction that would be a call is asked for by itself, whatever it
// calls itself.
func TestACallThatIsAdmittedAdmitsNoOther(t *testing.T) {
	alike := func(i int) lines {
		return invite().with(fmt.Sprintf("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKalike%d;rport", i)).
			with(fmt.Sprintf("From: <sip:+919876543210@caller.invalid>;tag=t%d", i))
	}
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		x.hand(x.carrier, alike(0).text(sdp))
		time.Sleep(100 * time.Millisecond)
		x.overload()
		before := x.edge.Legs()
		for i := range 100 {
			x.hand(x.carrier, alike(1+i).text(sdp))
		}
		time.Sleep(time.Second)
		if after := x.edge.Legs(); after > before {
			t.Errorf("%d calls admitted in an overload", after-before)
		}
		x.relieve()
		if got := names(x.send(x.carrier, alike(101).text(sdp))); got != "100, 180" {
			t.Errorf("after the overload one more is answered %q", got)
		}
		for _, i := range []int{0, 101} {
			x.send(x.carrier, cancelOf(alike(i)).text(""))
		}
	})
}

// A 2xx is small, and what it makes us say is not: an ACK, and a BYE eleven
// times. Who has seen a tag of ours can't make us say it without end.
func TestStray2xxAreEndedAtABoundedRate(t *testing.T) {
	inExchange(t, func(x *exchange) {
		before := len(x.network.Packets())
		tag := x.edge.tokens.tag("longago")
		const sent = 20 * straysAtOnce
		for i := range sent {
			x.hand(x.carrier, lines{"SIP/2.0 200 OK", "Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK" + fmt.Sprint(i),
				"From: <sip:a@b>;tag=" + tag, fmt.Sprintf("To: <sip:a@b>;tag=t%d", i), "Call-ID: longago", "CSeq: 1 INVITE",
				"Contact: <sip:d@192.0.2.9:5060>"}.text(""))
		}
		time.Sleep(40 * time.Second)
		acked := 0
		for _, m := range x.said(before, carrierAddr) {
			if m.Name() == "ACK" {
				acked++
			}
		}
		if acked < straysAtOnce || acked > straysAtOnce+straysAtOnce/10 {
			t.Errorf("%d of %d are acknowledged, with %d allowed at once", acked, sent, straysAtOnce)
		}
	})
}
