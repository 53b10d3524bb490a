package edge

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"
)

// Whoever writes a trunk's address on his datagrams may send as many as he
// likes: of what is of no call nothing is kept, and one answer is sent.
func TestOfWhatIsOfNoCallNothingIsKept(t *testing.T) {
	numbered := func(i int) lines {
		return invite().with(fmt.Sprintf("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKstray%d;rport", i))
	}
	within := func(i int, method string) string {
		return numbered(i).start(method + " sip:+15550100001@192.0.2.50 SIP/2.0").with("To: <sip:+15550100001@192.0.2.50>;tag=nobodys").
			with("CSeq: 7 " + method).text("")
	}
	for _, row := range []struct {
		name, want string
		text       func(i int) string
	}{
		{"a BYE", "481 BYE", func(i int) string { return within(i, "BYE") }},
		{"an INFO", "481 INFO", func(i int) string { return within(i, "INFO") }},
		{"a re-INVITE", "481", func(i int) string { return within(i, "INVITE") }},
		{"an UPDATE outside of a dialog", "481 UPDATE", func(i int) string {
			return strings.Replace(within(i, "UPDATE"), ";tag=nobodys", "", 1)
		}},
		{"a CANCEL", "481 CANCEL", func(i int) string { return cancelOf(numbered(i)).text("") }},
		{"what is malformed", "400", func(i int) string { return numbered(i).and("From: <sip:another@caller.invalid>;tag=2").text(sdp) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				before := len(x.network.Packets())
				for i := range 100 {
					x.hand(x.carrier, row.text(i))
				}
				time.Sleep(3 * time.Second)
				answers := x.said(before, carrierAddr)
				if len(answers) != 100 {
					t.Errorf("%d answers", len(answers))
				}
				if got := names(answers[:1]); got != row.want {
					t.Errorf("answered %q, want %q", got, row.want)
				}
				if n := x.transactions(); n != 0 {
					t.Errorf("%d transactions are kept", n)
				}
			})
		})
	}
}

// A call that has been admitted is admitted however often it comes, and by
// whatever path: that must not be a way around.
func TestOfMergedRequestsNothingIsKept(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		x.send(x.carrier, invite().text(sdp))
		before := len(x.network.Packets())
		for i := range 100 {
			x.hand(x.carrier, invite().with(fmt.Sprintf("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKpath%d;rport", i)).text(sdp))
		}
		time.Sleep(3 * time.Second)
		answers := x.said(before, carrierAddr)
		if len(answers) != 100 || names(answers[:1]) != "482" {
			t.Errorf("%d answers: %.20s", len(answers), names(answers))
		}
		if n := x.transactions(); n != 1 {
			t.Errorf("%d transactions are kept", n)
		}
		x.send(x.carrier, cancelOf(invite()).text(""))
	})
}

// transactions returns how many requests of peers are remembered.
func (x *exchange) transactions() int {
	ledger := x.edge.peers().listeners[0].ledger
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	return len(ledger.servers)
}

// A refusal is repeated for 32 seconds if nobody acknowledges it. The call is
// not kept for as long: who floods us with calls acknowledges nothing.
func TestACallThatIsRefusedIsLetGo(t *testing.T) {
	inExchange(t, func(x *exchange) {
		var call weak.Pointer[Inbound]
		x.board.admit = func(in *Inbound) { call = weak.Make(in) }
		x.send(x.carrier, invite().text(sdp))
		x.send(x.carrier, options().text(""))
		if n := x.transactions(); n != 2 {
			t.Errorf("%d transactions", n)
		}
		runtime.GC()
		if call.Value() != nil {
			t.Error("its transaction keeps it")
		}
	})
}
