package edge

import (
	"fmt"
	"testing"
	"time"
)

// ackOf is the ACK of a refusal.
func ackOf(i lines, refusal string) string {
	return i.start("ACK sip:+15550100001@192.0.2.50 SIP/2.0").with("CSeq: 7 ACK").with("To: " + refusal).
		without("Contact").without("Content-Type").text("")
}

func numbered(i int) lines {
	return other(fmt.Sprint("call", i)).with(fmt.Sprintf("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKn%d;rport", i))
}

// refusals counts the 404 that were sent of each call.
func (x *exchange) refusals(before int) (of map[string]int, all int) {
	of = make(map[string]int)
	for _, m := range x.said(before, carrierAddr) {
		if m.Name() == "404" {
			of[m.Get("Call-ID")]++
			all++
		}
	}
	return of, all
}

// Who writes a trunk's address on his datagrams has us send to it hardly more than he
// sends: a refusal that nobody acknowledges is not repeated without end.
func TestWhoNeverAcknowledgesIsHardlyToldAgain(t *testing.T) {
	inExchange(t, func(x *exchange) {
		before := len(x.network.Packets())
		const sent, over = 4000, 20
		for i := range sent {
			x.hand(x.carrier, numbered(i).text(sdp))
			time.Sleep(over * time.Second / sent)
		}
		time.Sleep(time.Minute)
		of, all := x.refusals(before)
		if len(of) < sent*9/10 {
			t.Errorf("%d of %d are refused", len(of), sent)
		}
		if most := len(of) + echoesAtOnce + echoesPerSecond*(over+33); all > most {
			t.Errorf("%d refusals are sent, %d at most", all, most)
		}
		// Who comes then is told again.
		before = len(x.network.Packets())
		x.hand(x.carrier, other("later").text(sdp))
		time.Sleep(2 * time.Second)
		if of, _ := x.refusals(before); of["later"] != 3 {
			t.Errorf("later one is refused %d times", of["later"])
		}
	})
}

// A trunk that acknowledges is told again what it did not hear, however much that is.
func TestWhoAcknowledgesIsToldAgain(t *testing.T) {
	inExchange(t, func(x *exchange) {
		const calls = 10 * echoesAtOnce
		for i := range calls { // none of the answers to which is heard
			x.hand(x.carrier, numbered(i).text(sdp))
			time.Sleep(2 * time.Second / calls)
		}
		before := len(x.network.Packets())
		heard := make(map[string]bool)
		for range 30 * 50 {
			time.Sleep(20 * time.Millisecond)
			of := x.said(before, carrierAddr)
			before = len(x.network.Packets())
			for _, m := range of {
				var i int
				if _, err := fmt.Sscanf(m.Get("Call-ID"), "call%d", &i); err == nil && m.Name() == "404" {
					heard[m.Get("Call-ID")] = true
					x.hand(x.carrier, ackOf(numbered(i), m.Get("To")))
				}
			}
		}
		if len(heard) != calls {
			t.Errorf("%d of %d hear that they are refused", len(heard), calls)
		}
	})
}

// What has no room is told so once for each time that it asks, and nothing is kept.
func TestOfWhatATrunkHasNoRoomForNothingIsKept(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].quota.allow(Limits{CallsPerSecondIn: 1})
		x.hand(x.carrier, numbered(0).text(sdp)) // has the room
		time.Sleep(10 * time.Millisecond)
		before, kept := len(x.network.Packets()), x.transactions()
		for i := range 100 {
			x.hand(x.carrier, numbered(1+i).text(sdp))
		}
		time.Sleep(900 * time.Millisecond)
		busy := 0
		for _, m := range x.said(before, carrierAddr) {
			if m.Name() == "503" {
				busy++
			}
		}
		if busy != 100 || x.transactions() != kept {
			t.Errorf("%d answers, %d transactions more are kept", busy, x.transactions()-kept)
		}
	})
}

// Who was told that there is no room has found another way by the time that there is: his
// INVITE, if it comes again late, is no call.
func TestWhatATrunkHadNoRoomForIsNoCallLater(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].quota.allow(Limits{CallsPerSecondIn: 1})
		x.hand(x.carrier, numbered(0).text(sdp)) // has the room
		time.Sleep(10 * time.Millisecond)
		for range 2 {
			if got := names(x.send(x.carrier, numbered(1).text(sdp))); got != "503" {
				t.Errorf("answered %q", got)
			}
			time.Sleep(5 * time.Second) // there is room
		}
	})
}
