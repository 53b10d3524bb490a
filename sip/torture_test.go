package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// TestTortureBesideALiveCall sends the messages of RFC 4475 from a host of the
// customer's carrier while two people talk. Each must be answered as the table
// says, or not at all, and nobody may notice: not one packet reaches the phones
// before they hang up.
func TestTortureBesideALiveCall(t *testing.T) {
	messages, err := siptest.Tortures("../testdata/torture")
	if err != nil {
		t.Fatal(err)
	}
	inWorld(t, twoGateways, func(w *world) {
		rack := w.rack()
		w.talk()
		quiet := len(w.network.Packets())
		for _, torture := range messages {
			if got := rack.send(torture.Text); got != torture.Want {
				t.Errorf("%s is answered %q, want %q", torture.Name, got, torture.Want)
			}
		}
		w.checkUndisturbed(quiet)
		w.customer.Bye()
		w.await(w.rider, "BYE")
		w.await(w.customer, "200 BYE")
		time.Sleep(time.Minute)
		w.checkOneCallAnswered()
	})
}

// rack is a host of the customer's carrier that is no phone.
type rack struct {
	world *world
	conn  net.PacketConn
}

// rack takes the place of the second gateway.
func (w *world) rack() *rack {
	w.second.Close()
	conn, err := w.network.ListenPacket(context.Background(), "udp", w.cast.second.addr)
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close() })
	w.second, w.cast.second = nil, part{} // what it says is nobody's secret
	return &rack{world: w, conn: conn}
}

// send sends a datagram, and returns what is answered within the time that a
// final response may take. A response to an INVITE that was sent before is sent
// again because nobody has acknowledged it.
func (r *rack) send(text string) string {
	before := r.world.network.Packets()
	_, err := r.conn.WriteTo([]byte(text), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(maskdAddr)))
	r.world.must(err)
	time.Sleep(2 * time.Second)
	said := make(map[string]bool)
	for _, p := range before {
		said[string(p.Data)] = true
	}
	var answers []string
	for _, p := range r.world.network.Packets()[len(before):] {
		m := siptest.Parse(p.Data)
		if again := said[string(p.Data)] && m.Method() == "INVITE"; p.From.Addr() == maskdHost && !again {
			answers = append(answers, m.Name())
		}
		said[string(p.Data)] = true
	}
	return strings.Join(answers, ", ")
}

// checkUndisturbed checks that neither phone was sent anything since.
func (w *world) checkUndisturbed(since int) {
	w.t.Helper()
	phones := []string{w.cast.rider.addr, w.cast.customer.addr}
	for _, p := range w.network.Packets()[since:] {
		for _, phone := range phones {
			if p.To.String() == phone {
				w.t.Errorf("the phone at %s was sent %s", phone, siptest.Parse(p.Data).Name())
			}
		}
	}
}

// checkOneCallAnswered checks the CDRs: one call was answered, and no other
// reached anybody.
func (w *world) checkOneCallAnswered() {
	w.t.Helper()
	outcomes := make(map[string]int)
	for _, cdr := range w.journal.final() {
		outcomes[cdr.Outcome.String()]++
	}
	if outcomes["answered"] != 1 || len(w.journal.final()) != 1+outcomes["refused"]+outcomes["failed"] {
		w.t.Errorf("CDRs: %v", outcomes)
	}
}
