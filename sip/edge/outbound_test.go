package edge

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// gatewayAddr is the second gateway of a trunk whose first is the carrier's.
const gatewayAddr = "192.0.2.10:5060"

// ringing is a leg B of an exchange, and what it has heard.
type ringing struct {
	*Outbound
	x     *exchange
	heard chan Signal
	uac   leg.UAC
}

// twoGateways are the carrier's and the second one.
func twoGateways() []Gateway {
	return []Gateway{{Network: UDP, Host: "192.0.2.9", Port: 5060}, {Network: UDP, Host: "192.0.2.10", Port: 5060}}
}

// ring makes a leg that rings the first of two gateways.
func (x *exchange) ring() *ringing {
	x.t.Helper()
	r := &ringing{x: x, heard: make(chan Signal, 16)}
	out, err := x.edge.Outbound(Invitation{Trunk: "carrier", Target: number(x.t, "+447700900123"), Show: "+15550100002"},
		func(s Signal) bool { r.heard <- s; return true })
	if err != nil {
		x.t.Fatal(err)
	}
	r.Outbound = out
	r.uac, _ = r.uac.Step(leg.Input{Kind: leg.Invite}, nil)
	synctest.Wait() // until the edge reads: it sends through what it reads from
	r.invite()
	return r
}

// invite invites through the next gateway.
func (r *ringing) invite() {
	r.x.t.Helper()
	if err := r.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
		r.x.t.Fatal(err)
	}
}

// invited returns the last INVITE that the edge sent.
func (x *exchange) invited() siptest.Message {
	var last siptest.Message
	for _, p := range x.network.Packets() {
		if m := siptest.Parse(p.Data); p.From.String() == edgeAddr && m.Name() == "INVITE" {
			last = m
		}
	}
	return last
}

// respond answers an INVITE of ours, and returns what comes back.
func (x *exchange) respond(from net.PacketConn, to siptest.Message, status string) string {
	x.t.Helper()
	answer := lines{"SIP/2.0 " + status, "Via: " + to.Get("Via"), "From: " + to.Get("From"), "To: " + to.Get("To") + ";tag=theirs",
		"Call-ID: " + to.Get("Call-ID"), "CSeq: " + to.Get("CSeq"), "Contact: <sip:device@" + from.LocalAddr().String() + ">"}
	return names(x.send(from, answer.text("")))
}

// What a gateway still says when it is given up is not said by the next one.
func TestAGatewayGivenUpIsNotTheNextOne(t *testing.T) {
	inExchange(t, func(x *exchange) {
		r := x.ring()
		invite := x.invited()
		for _, status := range []string{"180 Ringing", "200 OK"} {
			x.respond(x.carrier, invite, status)
		}
		r.heard <- Signal{In: leg.Input{Kind: leg.GotFailure}, tries: 1}
		r.invite()
		before := len(x.network.Packets())
		for len(r.heard) > 0 {
			s := <-r.heard
			if in, ok := r.Heard(s); ok {
				t.Errorf("%s of the first gateway is taken for the second's", in.Kind)
			}
		}
		var sent []string
		for _, p := range x.network.Packets()[before:] {
			if p.To.String() == carrierAddr {
				sent = append(sent, siptest.Parse(p.Data).Name())
			}
		}
		if got := strings.Join(sent, ", "); got != "ACK, BYE" {
			t.Errorf("who answered at the first gateway is sent %q", got)
		}
		r.Close()
	})
}

// A transaction that got a provisional response waits for ever by itself.
func TestAClosedLegWaitsForNoFinalResponse(t *testing.T) {
	inExchange(t, func(x *exchange) {
		r := x.ring()
		first := r.attempt
		x.respond(x.carrier, x.invited(), "180 Ringing")
		if !first.pending.Load() {
			t.Fatal("a 180 is taken for a final response")
		}
		r.Close()
		x.plug(gatewayAddr)
		gone := make(chan struct{})
		first.gone.on(func() { close(gone) })
		<-gone // if it waits for ever, so does this test
	})
}
