package edge

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// A request that comes again while its transaction is answered is no other request,
// wherever the reader is with it: it may have been seen when nothing was over, and be
// taken when nothing is under way any more (RFC 3261 section 17.2.2, RFC 6026 section 7.1).
func TestWhatComesAgainAsItsTransactionEnds(t *testing.T) {
	seen := func(x *exchange, l *listener, text lines, body string) *sip.Request {
		req := request(x.t, text, body)
		req.SetTransport(string(UDP))
		req.SetSource(carrierAddr)
		l.onMessage(req)
		return req
	}
	comes := func(x *exchange, l *listener, again *sip.Request, want string) {
		for range 2 { // and leaves nothing of itself, by which the next would go unanswered
			before := len(x.network.Packets())
			l.receive(again)
			time.Sleep(100 * time.Millisecond)
			if got := names(x.said(before, carrierAddr)); got != want {
				x.t.Errorf("its repetition is answered %q, want %q", got, want)
			}
			if key, _ := serverKeyOf(again, again.Method); l.ledger.server(key) != nil {
				x.t.Error("its repetition has a transaction")
			}
		}
	}
	t.Run("BYE", func(t *testing.T) {
		inExchange(t, func(x *exchange) {
			x.board.rings = true
			ringing := x.send(x.carrier, invite().text(sdp))
			l := x.edge.peers().listeners[0]
			bye := invite().start("BYE sip:192.0.2.50 SIP/2.0").with("CSeq: 8 BYE").with("To: " + ringing[len(ringing)-1].Get("To")).
				with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKbye;rport")
			again := seen(x, l, bye, "")
			if got := names(x.send(x.carrier, bye.text(""))); got != "200 BYE, 487" {
				t.Fatalf("answered %q", got)
			}
			comes(x, l, again, "200 BYE")
		})
	})
	t.Run("INVITE", func(t *testing.T) {
		inExchange(t, func(x *exchange) {
			var in *Inbound
			x.board.rings, x.board.admit = true, func(admitted *Inbound) { in = admitted }
			x.send(x.carrier, invite().text(sdp))
			l := x.edge.peers().listeners[0]
			again := seen(x, l, invite(), sdp)
			if err := in.Do(leg.Action{Do: leg.SendOK}, []byte(sdp)); err != nil {
				t.Fatal(err)
			}
			comes(x, l, again, "") // its call repeats the 2xx, until that is acknowledged
			in.Close()
		})
	})
}
