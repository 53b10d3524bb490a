package edge

import (
	"fmt"
	"testing"
	"time"
)

func TestWhatIsOfNoCall(t *testing.T) {
	for _, row := range []struct {
		data string
		want bool
	}{
		{"OPTIONS sip:x SIP/2.0\r\n", true},
		{"\r\n\r\nOPTIONS sip:x SIP/2.0\r\n", true},
		{"REGISTER sip:x SIP/2.0\r\n", true},
		{"NEWMETHOD sip:x SIP/2.0\r\n", true},
		{"options sip:x SIP/2.0\r\n", true},
		{"INVITE sip:x SIP/2.0\r\n", false},
		{"ACK sip:x SIP/2.0\r\n", false},
		{"BYE sip:x SIP/2.0\r\n", false},
		{"CANCEL sip:x SIP/2.0\r\n", false},
		{"PRACK sip:x SIP/2.0\r\n", false},
		{"UPDATE sip:x SIP/2.0\r\n", false},
		{"INFO sip:x SIP/2.0\r\n", false},
		{"SIP/2.0 200 OK\r\n", false},
		{"\r\n\r\n", false},
		{"", false},
	} {
		if got := knocks([]byte(row.data)); got != row.want {
			t.Errorf("%q: %t", row.data, got)
		}
	}
}

// A flood of what is of no call is answered at a rate; the trunk's calls and
// the other trunks notice nothing.
func TestAFloodOfOPTIONSIsAnsweredAtARate(t *testing.T) {
	asked := func(host string, i int) lines {
		return options().with(fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bKflood%d;rport", host, i))
	}
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		rival := x.plug(rivalAddr)
		x.send(x.carrier, invite().text(sdp))
		before := len(x.network.Packets())
		for i := range 10 * knocksAtOnce {
			m := asked("192.0.2.9", i)
			if i%2 == 0 {
				m = m.start("NEWMETHOD sip:x SIP/2.0").with("CSeq: 1 NEWMETHOD")
			}
			x.hand(x.carrier, m.text(""))
		}
		time.Sleep(10 * time.Millisecond)
		if n := len(x.said(before, carrierAddr)); n != knocksAtOnce {
			t.Errorf("%d are answered", n)
		}
		if got := names(x.send(rival, asked("198.51.100.9", 0).text(""))); got != "200 OPTIONS" {
			t.Errorf("another trunk's is answered %q", got)
		}
		for i := range 10 * knocksAtOnce {
			x.hand(x.carrier, asked("192.0.2.9", 10*knocksAtOnce+i).text(""))
		}
		time.Sleep(time.Second)
		if got := names(x.send(x.carrier, cancelOf(invite()).text(""))); got != "200 CANCEL, 487" {
			t.Errorf("the end of a call is answered %q", got)
		}
		if x.edge.counts.overrun.Load() == 0 {
			t.Error("nobody has counted them")
		}
	})
}

func TestLookingForKnocksAllocatesNothing(t *testing.T) {
	for _, data := range [][]byte{[]byte(invite().text(sdp)), []byte(options().text("")), []byte("NEWMETHOD sip:x SIP/2.0\r\n")} {
		if n := testing.AllocsPerRun(1000, func() { knocks(data) }); n != 0 {
			t.Errorf("%v allocations for %.10q", n, data)
		}
	}
}
