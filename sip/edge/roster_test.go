package edge

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"maskd/sip/leg"
	"maskd/sip/resolve"
	"maskd/sip/siptest"
)

// respondent is a gateway's socket that answers OPTIONS and INVITE with a
// status; empty: with nothing.
type respondent struct {
	conn net.PacketConn

	mu              sync.Mutex
	options, invite string
	asked           []siptest.Message // the OPTIONS
}

// answering makes a socket answer.
func answering(conn net.PacketConn, options, invite string) *respondent {
	r := &respondent{conn: conn, options: options, invite: invite}
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			r.answer(siptest.Parse(buf[:n]), from)
		}
	}()
	return r
}

func (r *respondent) answer(m siptest.Message, to net.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	status := ""
	switch m.Name() {
	case "OPTIONS":
		r.asked = append(r.asked, m)
		status = r.options
	case "INVITE":
		status = r.invite
	}
	if status == "" {
		return
	}
	answer := lines{"SIP/2.0 " + status, "Via: " + m.Get("Via"), "From: " + m.Get("From"), "To: " + m.Get("To") + ";tag=theirs",
		"Call-ID: " + m.Get("Call-ID"), "CSeq: " + m.Get("CSeq")}
	if status == "503 busy" {
		answer = answer.and("Retry-After: 90 (at lunch)")
	}
	_, _ = r.conn.WriteTo([]byte(answer.text("")), to)
}

func (r *respondent) set(options, invite string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.options, r.invite = options, invite
}

// probes returns how many OPTIONS it has got, repeated ones left out.
func (r *respondent) probes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := make(map[string]bool)
	for _, m := range r.asked {
		seen[m.Get("Call-ID")] = true
	}
	return len(seen)
}

// probed has the first trunk's gateways sent OPTIONS.
func probed(c *Config) { c.Trunks[0].Probe = 30 * time.Second }

// states returns the states of the first trunk's targets.
func (x *exchange) states() string {
	var states []string
	for _, target := range x.edge.Standings()[0].Targets {
		states = append(states, target.State.String())
	}
	return strings.Join(states, " ")
}

// firsts returns the hosts in the order in which the next call tries them.
func (x *exchange) firsts() string {
	var hosts []string
	for _, target := range x.edge.rosterOf(x.edge.peers().trunks[0]).targets(time.Now()) {
		hosts = append(hosts, target.Addr.Addr().String())
	}
	return strings.Join(hosts, " ")
}

func (x *exchange) want(when, states, order string) {
	x.t.Helper()
	if got := x.states(); got != states {
		x.t.Errorf("%s: the gateways are %s, want %s", when, got, states)
	}
	if got := x.firsts(); got != order {
		x.t.Errorf("%s: tried in the order %s, want %s", when, got, order)
	}
}

const (
	inOrder = "192.0.2.9 192.0.2.10"
	twisted = "192.0.2.10 192.0.2.9"
)

func TestOptionsTellWhichGatewayIsDown(t *testing.T) {
	inExchangeOf(t, probed, func(x *exchange) {
		first, second := answering(x.carrier, "200 OK", ""), answering(x.plug(gatewayAddr), "405 Method Not Allowed", "")
		x.want("at first", "unknown unknown", inOrder)
		time.Sleep(5 * time.Second)
		x.want("after the first answers", "up up", inOrder)
		first.set("", "")
		time.Sleep(40 * time.Second)
		x.want("after one silence", "up up", inOrder)
		time.Sleep(34 * time.Second)
		x.want("after two", "down up", twisted)
		second.set("503 Service Unavailable", "")
		time.Sleep(70 * time.Second)
		x.want("when none is well, each is tried all the same", "down down", inOrder)
		first.set("404 Not Found", "")
		time.Sleep(70 * time.Second)
		x.want("when one is back", "up down", inOrder)
		second.set("200 OK", "")
		time.Sleep(70 * time.Second)
		x.want("when both are", "up up", inOrder)
		if n := second.probes(); n < 8 || n > 12 {
			t.Errorf("%d probes in five minutes of one each half", n)
		}
		if log := written(t, x.logs); !strings.Contains(log, "gateway changed") {
			t.Error("nobody is told")
		}
	})
}

func TestOptionsHaveNothingOfAnybody(t *testing.T) {
	inExchangeOf(t, probed, func(x *exchange) {
		first := answering(x.carrier, "200 OK", "")
		time.Sleep(5 * time.Second)
		first.mu.Lock()
		m := first.asked[0]
		first.mu.Unlock()
		for name, want := range map[string]string{
			"To": "<sip:192.0.2.9>", "Accept": "application/sdp", "Max-Forwards": "70", "Content-Length": "0", "Contact": "",
		} {
			if got := m.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if m.Start != "OPTIONS sip:192.0.2.9:5060 SIP/2.0" || !strings.HasPrefix(m.Get("From"), "<sip:ping@192.0.2.50>;tag=") {
			t.Errorf("%s, From %s", m.Start, m.Get("From"))
		}
		if status := x.edge.Standings()[0].Targets[0]; status.Status != 200 || status.RoundTrip < 0 || status.NextProbe.Before(time.Now()) {
			t.Errorf("standing %+v", status)
		}
	})
}

func TestATrunkWithoutProbesSendsNoOptions(t *testing.T) {
	inExchange(t, func(x *exchange) {
		first := answering(x.carrier, "200 OK", "")
		time.Sleep(10 * time.Minute)
		if n := first.probes(); n != 0 {
			t.Errorf("%d OPTIONS", n)
		}
		x.want("all the time", "unknown unknown", inOrder)
	})
}

// try places one call as far as its first gateway's answer.
func (x *exchange) try() *ringing {
	x.t.Helper()
	r := x.ring()
	time.Sleep(100 * time.Millisecond)
	return r
}

func TestAGatewayThatTakesNoCallIsShunned(t *testing.T) {
	inExchange(t, func(x *exchange) {
		first := answering(x.carrier, "", "503 Service Unavailable")
		answering(x.plug(gatewayAddr), "", "486 Busy Here")
		r := x.try()
		if s := <-r.heard; s.In.Kind != leg.GotFailure {
			t.Errorf("a 503 is heard as %s", s.In.Kind)
		}
		x.want("at once", "unknown unknown", twisted)
		r.invite()
		time.Sleep(100 * time.Millisecond)
		if s := <-r.heard; s.In.Kind != leg.GotFinal {
			t.Errorf("a 486 is heard as %s", s.In.Kind)
		}
		r.Close()
		time.Sleep(7 * time.Second)
		x.want("after its time: one call tries it", "unknown up", inOrder)
		x.want("and no other", "unknown up", twisted)
		first.set("", "486 Busy Here")
		time.Sleep(trialTime)
		x.try().Close()
		x.want("after it took one", "up up", inOrder)
		x.want("for all", "up up", inOrder)

		first.set("", "503 busy")
		x.try().Close()
		time.Sleep(89 * time.Second)
		x.want("as long as it says itself", "up up", twisted)
		time.Sleep(time.Second)
		x.want("and then no longer", "up up", inOrder)
	})
}

func TestAGatewayThatIsSilentIsShunned(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.plug(gatewayAddr)
		r := x.ring()
		time.Sleep(leg.GatewayPatience)
		r.invite() // the call's patience is over
		x.want("at once", "unknown unknown", twisted)
		if m := x.invited(); !strings.Contains(m.Start, "@192.0.2.10") {
			t.Errorf("then invited by %s", m.Start)
		}
		r.Close()
		time.Sleep(10 * time.Second)
		if got := x.firsts(); got != inOrder {
			t.Errorf("later: %s", got)
		}
	})
}

// What comes after a phone has rung is the callee's, or a far network's, whose
// word must not keep all other calls from the gateway.
func TestACalleesStatusShunsNoGateway(t *testing.T) {
	for _, row := range []struct {
		early, final string
		then         string
	}{
		{"180 Ringing", "408 Request Timeout", inOrder},
		{"183 Session Progress", "503 Service Unavailable", inOrder},
		{"100 Trying", "503 Service Unavailable", twisted},
	} {
		t.Run(row.early+", "+row.final, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				r := x.ring()
				invite := x.invited()
				x.respond(x.carrier, invite, row.early)
				final := lines{"SIP/2.0 " + row.final, "Via: " + invite.Get("Via"), "From: " + invite.Get("From"),
					"To: " + invite.Get("To") + ";tag=theirs", "Call-ID: " + invite.Get("Call-ID"), "CSeq: " + invite.Get("CSeq"),
					"Retry-After: 3600"}
				_ = x.send(x.carrier, final.text(""))
				if got := x.firsts(); got != row.then {
					t.Errorf("the next calls go to %s", got)
				}
				r.Close()
			})
		})
	}
}

// A caller who hangs up says nothing of the gateway.
func TestACallGivenUpByItsCallerBlamesNobody(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.ring().Close()
		time.Sleep(time.Second)
		x.want("afterwards", "unknown unknown", inOrder)
	})
}

// A gateway that is slow is as useless as one that is gone: what it says when
// it was given up does not bring the calls back.
func TestAGatewayGivenUpThatSpeaksIsShunnedAllTheSame(t *testing.T) {
	inExchange(t, func(x *exchange) {
		r := x.ring()
		invite := x.invited()
		time.Sleep(leg.GatewayPatience)
		r.invite()
		x.respond(x.carrier, invite, "486 Busy Here")
		x.want("afterwards", "unknown unknown", twisted)
		if n := x.edge.Standings()[0].Received[486]; n != 1 {
			t.Errorf("its answer is counted %d times", n)
		}
		r.Close()
	})
}

func TestWhereTheCallsOfANameGo(t *testing.T) {
	gateways := []Gateway{{Host: "carrier.example"}, {Network: UDP, Host: "192.0.2.9", Port: 5060}}
	speak := make(chan struct{})
	lookup := func(_ context.Context, q resolve.Question) (resolve.Answer, error) {
		<-speak
		a := resolve.Answer{TTL: time.Minute}
		switch q {
		case resolve.Question{Kind: resolve.NAPTR, Name: "carrier.example"}:
			a.Pointers = []resolve.Pointer{{Order: 1, Flags: "s", Service: "SIPS+D2T", Replacement: "_sips._tcp.carrier.example"},
				{Order: 2, Flags: "s", Service: "SIP+D2U", Replacement: "_sip._udp.carrier.example"}}
		case resolve.Question{Kind: resolve.SRV, Name: "_sip._udp.carrier.example"}:
			a.Servers = []resolve.Server{{Priority: 1, Port: 5066, Host: "one"}, {Priority: 2, Port: 5060, Host: "two"}}
		case resolve.Question{Kind: resolve.A, Name: "one"}:
			a.Addrs = []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("192.0.2.11")}
		case resolve.Question{Kind: resolve.A, Name: "two"}:
			a.Addrs = []netip.Addr{netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("192.0.2.10")}
		}
		return a, nil
	}
	byName := func(c *Config) { c.Trunks[0].Gateways, c.Lookup = gateways, lookup }
	inExchangeOf(t, byName, func(x *exchange) {
		if got := x.firsts(); got != "192.0.2.9" {
			t.Errorf("before DNS has said anything: %s", got)
		}
		close(speak)
		synctest.Wait()
		if got := x.firsts(); got != "192.0.2.11 192.0.2.9 192.0.2.10" {
			t.Errorf("tried in the order %s", got)
		}
		time.Sleep(3 * pulse)
		if log := written(t, x.logs); strings.Count(log, "gateway can't be used") != 1 {
			t.Errorf("who runs this is not told once: %s", log)
		}
		if got := x.states(); got != "unheard unknown unknown unknown unknown" {
			t.Errorf("%s: an address that the trunk does not accept is not told apart", got)
		}
		answering(x.plug("192.0.2.11:5066"), "", "486 Busy Here")
		r := x.ring()
		if m := x.invited(); m.Start != "INVITE sip:+447700900123@carrier.example SIP/2.0" {
			t.Errorf("the URI is not the one configured: %s", m.Start)
		}
		time.Sleep(time.Second)
		r.Close()
		if !slices.Contains(strings.Fields(x.states()), "up") {
			t.Error("the call did not get where DNS says")
		}
	})
}

func TestStandingsCountFinalResponses(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.send(x.carrier, invite().text(sdp))
		x.send(x.carrier, invite().with("CSeq: 8 INVITE").with("Max-Forwards: 0").
			with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKzero").text(sdp))
		x.board.full = true
		x.send(x.carrier, invite().with("CSeq: 9 INVITE").with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKfull").text(sdp))
		r := x.ring()
		x.respond(x.carrier, x.invited(), "486 Busy Here")
		r.Close()
		s := x.edge.Standings()[0]
		if s.Sent[404] != 1 || s.Sent[483] != 1 || s.Sent[503] != 1 || len(s.Sent) != 3 {
			t.Errorf("sent %v", s.Sent)
		}
		if s.Received[486] != 1 || len(s.Received) != 1 {
			t.Errorf("received %v", s.Received)
		}
	})
}

func TestWhoDrainsSaysSo(t *testing.T) {
	inExchange(t, func(x *exchange) {
		answer := x.send(x.carrier, options().text(""))
		if names(answer) != "200 OPTIONS" || answer[0].Get("Allow") != allowed || answer[0].Get("Accept") != acceptedTypes {
			t.Errorf("answered %s", names(answer))
		}
		x.edge.Drain()
		again := options().with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKagain")
		if got := names(x.send(x.carrier, again.text(""))); got != "503 OPTIONS" {
			t.Errorf("while it drains it answers %s", got)
		}
	})
}

// offline is the first roster of an edge that was never started.
func offline() *roster {
	trunk := carrier("192.0.2.0/28")
	trunk.Gateways = twoGateways()
	e := New(Config{Listen: []Listen{{Network: UDP, Addr: netip.MustParseAddrPort(edgeAddr)}}, Trunks: []Trunk{trunk}}, nil, zap.NewNop())
	e.peers().listeners = []*listener{newListener(UDP)}
	return e.rosterOf(e.peers().trunks[0])
}

// Ten calls a second for two minutes, while the first gateway swallows all:
// those of the first seconds wait for it, and then one now and then.
func TestABlackHoleDelaysFewCalls(t *testing.T) {
	r := offline()
	waiting := make(map[time.Time]Target) // for the silence to be long enough
	early, late := 0, 0
	for after := time.Duration(0); after < 2*time.Minute; after += 100 * time.Millisecond {
		now := noon.Add(after)
		if target, ok := waiting[now]; ok {
			r.called(target, report{verb: silent}, now)
		}
		switch first := r.targets(now)[0]; {
		case first.Addr.String() != carrierAddr:
			r.called(first, report{verb: answered, status: 200}, now)
		case after < leg.GatewayPatience:
			waiting[now.Add(leg.GatewayPatience)] = first
			early++
		default:
			waiting[now.Add(leg.GatewayPatience)] = first
			late++
		}
	}
	if early != 40 || late < 2 || late > 5 {
		t.Errorf("%d calls waited before it was known, %d after", early, late)
	}
}

func BenchmarkTargets(b *testing.B) {
	r, now := offline(), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		r.targets(now)
	}
}
