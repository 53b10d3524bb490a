package edge

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// Addresses in the network in memory.
const (
	edgeAddr     = "192.0.2.50:5060"
	carrierAddr  = "192.0.2.9:5060"
	rivalAddr    = "198.51.100.9:5060" // of another trunk
	strangerAddr = "203.0.113.1:5060"
)

// exchange is an edge in a network in memory, and a carrier's socket.
type exchange struct {
	t       *testing.T
	network *siptest.Network
	edge    *Edge
	carrier net.PacketConn
	board   *switchboard
	logs    *observer.ObservedLogs
}

// inExchange runs a script in fake time, with nothing left over at its end.
func inExchange(t *testing.T, script func(*exchange)) {
	t.Helper()
	inExchangeOf(t, func(*Config) {}, script)
}

// inExchangeOf is inExchange for an edge that is configured in another way.
func inExchangeOf(t *testing.T, configure func(*Config), script func(*exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &exchange{t: t, network: siptest.NewNetwork(nil), board: &switchboard{}}
		var core zapcore.Core
		core, x.logs = observer.New(zapcore.DebugLevel)
		first, rival := carrier("192.0.2.0/28"), carrier("198.51.100.0/28")
		first.Gateways, rival.Gateways = twoGateways(), nil
		rival.Name = "rival"
		cfg := Config{Listen: []Listen{{Network: UDP, Addr: netip.MustParseAddrPort(edgeAddr)}},
			Trunks: []Trunk{first, rival}, Sockets: x.network}
		configure(&cfg)
		x.edge = New(cfg, x.board, zap.New(core))
		if err := x.edge.Start(); err != nil {
			t.Fatal(err)
		}
		x.carrier = x.plug(carrierAddr)
		script(x)
		time.Sleep(time.Minute) // every transaction is over
		if n := x.edge.Legs(); n != 0 {
			t.Errorf("%d legs are left", n)
		}
		if n := x.edge.counts.panics.Load(); n != 0 {
			t.Errorf("%d panics:\n%s", n, written(t, x.logs))
		}
		x.edge.Close()
	})
}

// plug opens a socket in the network, until the test ends.
func (x *exchange) plug(addr string) net.PacketConn {
	x.t.Helper()
	conn, err := x.network.ListenPacket(context.Background(), "udp", addr)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// send sends a datagram to the edge and returns what comes back within two
// seconds, retransmissions of what was seen before left out.
func (x *exchange) send(from net.PacketConn, data string) []siptest.Message {
	x.t.Helper()
	before := len(x.network.Packets())
	to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr))
	if _, err := from.WriteTo([]byte(data), to); err != nil {
		x.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	var answers []siptest.Message
	seen := make(map[string]bool)
	for i, p := range x.network.Packets() {
		if i >= before && p.From.String() == edgeAddr && !seen[string(p.Data)] {
			answers = append(answers, siptest.Parse(p.Data))
		}
		seen[string(p.Data)] = true
	}
	return answers
}

// names returns what messages are called, in order.
func names(messages []siptest.Message) string {
	list := make([]string, len(messages))
	for i, m := range messages {
		list[i] = m.Name()
	}
	return strings.Join(list, ", ")
}

// statuses returns the statuses of what the edge answered, in order.
func statuses(packets []siptest.Packet) []int {
	var list []int
	for _, p := range packets {
		if m := siptest.Parse(p.Data); p.From.String() == edgeAddr && m.Status() != 0 {
			list = append(list, m.Status())
		}
	}
	return list
}

func TestWhoIsAnswered(t *testing.T) {
	inExchange(t, func(x *exchange) {
		stranger := x.plug(strangerAddr)
		for _, row := range []struct {
			name string
			from net.PacketConn
			data string
			want string
		}{
			{"a carrier's OPTIONS", x.carrier, options().text(""), "200 OPTIONS"},
			{"a stranger's", stranger, options().text(""), ""},
			{"a stranger's INVITE", stranger, invite().text(sdp), ""},
			{"a stranger's noise", stranger, "\xff\x00\x01", ""},
			{"a carrier's noise", x.carrier, "\xff\x00\x01", ""},
			{"a keep-alive", x.carrier, "\r\n\r\n", ""},
			{"a datagram too long", x.carrier, options().text(strings.Repeat("x", maxDatagram)), ""},
			{"a BYE for nothing", x.carrier, options().start("BYE sip:x SIP/2.0").with("CSeq: 1 BYE").text(""), "481 BYE"},
			{"a BYE in a dialog that never was", x.carrier,
				options().start("BYE sip:x SIP/2.0").with("CSeq: 1 BYE").with("To: <sip:x>;tag=gone").
					with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbye").text(""), "481 BYE"},
			{"an INVITE in a dialog that never was", x.carrier,
				invite().with("To: <sip:x>;tag=gone").with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKre").text(sdp), "481"},
			{"an ACK for nothing", x.carrier, options().start("ACK sip:x SIP/2.0").with("CSeq: 1 ACK").text(""), ""},
			{"an ACK without a To", x.carrier, options().start("ACK sip:x SIP/2.0").with("CSeq: 1 ACK").without("To").text(""), ""},
			{"an ACK without a CSeq", x.carrier, options().start("ACK sip:x SIP/2.0").without("CSeq").text(""), ""},
			{"a line feed within a From", x.carrier, options().with("From: \"a\nb\" <sip:a@b>;tag=1").text(""), ""},
			{"a line feed, and no CSeq", x.carrier, options().with("From: \"a\nb\" <sip:a@b>;tag=1").without("CSeq").text(""), ""},
			{"a CANCEL for nothing", x.carrier, options().start("CANCEL sip:x SIP/2.0").with("CSeq: 1 CANCEL").text(""), "481 CANCEL"},
			{"an INVITE", x.carrier, invite().text(sdp), "100, 404"},
		} {
			if got := names(x.send(row.from, row.data)); got != row.want {
				t.Errorf("%s is answered %q, want %q", row.name, got, row.want)
			}
		}
		if n := x.edge.counts.strangers.Load(); n != 3 {
			t.Errorf("%d strangers counted, want 3", n)
		}
		if n := x.edge.counts.oversize.Load(); n != 1 {
			t.Errorf("%d datagrams too long counted, want 1", n)
		}
	})
}

func TestEveryResponseToAnInviteHasOneTag(t *testing.T) {
	inExchange(t, func(x *exchange) {
		tags := make(map[string]bool)
		answers := x.send(x.carrier, invite().text(sdp))
		for _, m := range answers {
			tags[siptest.Tag(m.Get("To"))] = true
		}
		if len(answers) != 2 || len(tags) != 1 || tags[""] {
			t.Errorf("%s with tags %v", names(answers), tags)
		}
	})
}

func TestAFullHouseAnswers503(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.full = true
		if got := names(x.send(x.carrier, invite().text(sdp))); got != "100, 503" {
			t.Errorf("answered %q", got)
		}
	})
}

// Whoever knows the tags of a dialog still can't speak in it from another trunk,
// nor in a dialog of another Call-ID or tag, nor out of order.
func TestOnlyItsPeerEndsADialog(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		rival := x.plug(rivalAddr)
		ringing := x.send(x.carrier, invite().text(sdp))
		to := ringing[len(ringing)-1].Get("To")
		bye := invite().start("BYE sip:192.0.2.50 SIP/2.0").with("CSeq: 8 BYE").with("To: " + to)
		for i, row := range []struct {
			name string
			from net.PacketConn
			msg  lines
			want string
		}{
			{"another trunk", rival, bye, "481 BYE"},
			{"another Call-ID", x.carrier, bye.with("Call-ID: other"), "481 BYE"},
			{"another tag of theirs", x.carrier, bye.with("From: <sip:a@b>;tag=other"), "481 BYE"},
			{"another tag of ours", x.carrier, bye.with("To: <sip:+15550100001@192.0.2.50>;tag=other"), "481 BYE"},
			{"a number that does not rise (12.2.2)", x.carrier, bye.with("CSeq: 7 BYE"), "500 BYE"},
			{"the peer", x.carrier, bye, "200 BYE, 487"},
			{"the peer, too late", x.carrier, bye.with("CSeq: 9 BYE"), "481 BYE"},
		} {
			via := fmt.Sprintf("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbye%d", i)
			if got := names(x.send(row.from, row.msg.with(via).text(""))); got != row.want {
				t.Errorf("%s is answered %q, want %q", row.name, got, row.want)
			}
		}
	})
}

func cancelOf(l lines) lines {
	return l.start("CANCEL sip:+15550100001@192.0.2.50 SIP/2.0").with("CSeq: 7 CANCEL").without("Contact").without("Content-Type")
}

func TestACancelIsAnsweredWithTheTagOfItsInvite(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		tags := make(map[string]bool)
		ringing, cancelled := x.send(x.carrier, invite().text(sdp)), x.send(x.carrier, cancelOf(invite()).text(""))
		if names(ringing) != "100, 180" || names(cancelled) != "200 CANCEL, 487" {
			t.Errorf("answered %s, then %s", names(ringing), names(cancelled))
		}
		for _, m := range append(ringing, cancelled...) {
			tags[siptest.Tag(m.Get("To"))] = true
		}
		if len(tags) != 1 {
			t.Errorf("the tags of one dialog are %v (9.2)", tags)
		}
		if diff := cmp.Diff([]leg.InputKind{leg.GotCancel}, x.board.inputs()); diff != "" {
			t.Errorf("the call hears (-want +got):\n%s", diff)
		}
	})
}

// The transaction layer answers a CANCEL by itself. One that comes while the
// call is still being admitted must reach the call all the same.
func TestACancelDuringAdmissionReachesTheCall(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.admit = func(*Inbound) {
			to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr))
			_, _ = x.carrier.WriteTo([]byte(cancelOf(invite()).text("")), to)
			time.Sleep(time.Second)
		}
		answers := names(x.send(x.carrier, invite().text(sdp)))
		if answers != "100, 200 CANCEL, 487" {
			t.Errorf("answered %q", answers)
		}
		if diff := cmp.Diff([]leg.InputKind{leg.GotCancel}, x.board.inputs()); diff != "" {
			t.Errorf("the call hears (-want +got):\n%s", diff)
		}
	})
}

// A CANCEL that overtakes its INVITE is remembered.
func TestACancelBeforeItsInviteReachesTheCall(t *testing.T) {
	inExchange(t, func(x *exchange) {
		to := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr))
		_, _ = x.carrier.WriteTo([]byte(cancelOf(invite()).text("")), to)
		time.Sleep(cancelMemory / 2)
		if got := names(x.send(x.carrier, invite().text(sdp))); !strings.HasPrefix(got, "100, 487") {
			t.Errorf("answered %q", got)
		}
		if diff := cmp.Diff([]leg.InputKind{leg.GotCancel}, x.board.inputs()); diff != "" {
			t.Errorf("the call hears (-want +got):\n%s", diff)
		}
	})
}

// A 2xx that no call wants is acknowledged and ended, but only if it answers us.
func TestAStray2xxIsEndedIfItAnswersUs(t *testing.T) {
	stray := lines{
		"SIP/2.0 200 OK",
		"Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKlongago",
		"From: <sip:+15550100002@192.0.2.50>;tag=OURS",
		"To: <sip:+447700900123@192.0.2.9>;tag=theirs",
		"Call-ID: longago",
		"CSeq: 41 INVITE",
		"Contact: <sip:device@192.0.2.9:5060>",
	}
	for _, row := range []struct {
		name string
		msg  lines
		want string
	}{
		{"ours", stray, "ACK, BYE"},
		{"another host's (18.1.2)", stray.with("Via: SIP/2.0/UDP 192.0.2.51:5060;branch=z9hG4bKlongago"), ""},
		{"another port's", stray.with("Via: SIP/2.0/UDP 192.0.2.50:5062;branch=z9hG4bKlongago"), ""},
		{"a second Via (8.1.3.3)", stray.and("Via: SIP/2.0/UDP 192.0.2.51;branch=z9hG4bKother"), ""},
		{"a tag that we did not make", stray.with("From: <sip:+15550100002@192.0.2.50>;tag=theirown"), ""},
		{"no tag", stray.with("From: <sip:+15550100002@192.0.2.50>"), ""},
		{"a tag of another dialog's", stray.with("Call-ID: another"), ""},
		{"a line feed within", stray.with("To: <sip:+447700900123@192.0.2.9>;tag=a\nX-Forged: y"), ""},
		{"of an OPTIONS", stray.with("CSeq: 41 OPTIONS"), ""},
		{"a failure", stray.start("SIP/2.0 486 Busy"), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				text := strings.Replace(row.msg.text(""), "OURS", x.edge.tokens.tag("longago"), 1)
				if got := names(x.send(x.carrier, text)); got != row.want {
					t.Errorf("answered %q, want %q", got, row.want)
				}
			})
		})
	}
}
