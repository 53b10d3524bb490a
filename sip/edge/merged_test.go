package edge

import (
	"testing"
	"time"
)

// A proxy before us may fork an INVITE to two addresses that are both ours, or
// send it by two paths. It is one call.
func TestAMergedInviteIsNoSecondCall(t *testing.T) {
	other := invite().with("Via: SIP/2.0/UDP 192.0.2.8:5060;branch=z9hG4bKfork;rport")
	for _, row := range []struct {
		name string
		msg  lines
		want string
	}{
		{"by another path (8.2.2.2)", other, "482"},
		{"the same again, which is answered as before", invite(), ""},
		{"another call", other.with("Call-ID: another"), "100, 180"},
		{"another caller's", other.with("From: <sip:+919876543210@caller.invalid>;tag=another"), "100, 180"},
		{"the next attempt", other.with("CSeq: 8 INVITE"), "100, 180"},
	} {
		t.Run(row.name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				x.board.rings = true
				x.send(x.carrier, invite().text(sdp))
				if got := names(x.send(x.carrier, row.msg.text(sdp))); got != row.want {
					t.Errorf("answered %q, want %q", got, row.want)
				}
				x.send(x.carrier, cancelOf(row.msg).text(""))
				x.send(x.carrier, cancelOf(invite()).text(""))
			})
		})
	}
}

// Once its transaction is over, an INVITE with the same identity is a new one.
func TestAnInviteIsNotMergedWithOneThatIsOver(t *testing.T) {
	inExchange(t, func(x *exchange) {
		refused := x.send(x.carrier, invite().text(sdp))
		ack := invite().start("ACK sip:+15550100001@192.0.2.50 SIP/2.0").with("CSeq: 7 ACK").
			with("To: " + refused[1].Get("To")).without("Contact").without("Content-Type")
		x.send(x.carrier, ack.text(""))
		time.Sleep(time.Minute)
		again := invite().with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKlater;rport")
		if got := names(x.send(x.carrier, again.text(sdp))); got != "100, 404" {
			t.Errorf("answered %q", got)
		}
		time.Sleep(2 * time.Minute)
		x.edge.merges.mu.Lock()
		defer x.edge.merges.mu.Unlock()
		if n := len(x.edge.merges.ongoing); n != 0 {
			t.Errorf("%d INVITEs are remembered", n)
		}
	})
}
