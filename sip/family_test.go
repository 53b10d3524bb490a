package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// The customer again, where only IPv6 goes, and the rider.
var (
	customerSix = part{addr: "[2001:db8:77::79]:5060", id: customer.id}
	riderSix    = part{addr: "[2001:db8:11::13]:5060", id: rider.id}
)

// A leg is described at an address that its peer can send to: by IPv4 or IPv6,
// as its own offer is or the way to its gateway, whatever the other leg has.
func TestLegsOfTwoVersionsOfIP(t *testing.T) {
	const four, six = "c=IN IP4 192.0.2.50\r\n", "c=IN IP6 2001:db8::50\r\n"
	play(t, []ladder{
		{name: "from_ipv4_to_ipv6", cast: cast{rider: rider, customer: customerSix}, script: func(w *world) {
			w.callBetween(four, six)
			w.hearBoth(w.rider)
		}},
		{name: "from_ipv6_to_ipv4", cast: cast{rider: riderSix, customer: customer}, script: func(w *world) {
			w.callBetween(six, four)
			w.hearBoth(w.customer)
		}},
		{name: "from_ipv6_without_an_offer", cast: cast{rider: riderSix, customer: customer}, script: func(w *world) {
			w.callBetween(six, four, siptest.NoBody)
			w.hearBoth(w.rider)
		}},
		{name: "click_from_ipv4_to_ipv6", cast: cast{rider: rider, customer: customerSix}, script: func(w *world) {
			w.must(w.originate(mapping.SideA, false))
			w.describedAt(w.await(w.rider, "INVITE"), four)
			w.rider.Answer()
			w.describedAt(w.await(w.customer, "INVITE"), six)
			w.customer.Answer()
			w.hearBoth(w.rider)
		}},
		{name: "click_from_ipv6_to_ipv4", cast: cast{rider: rider, customer: customerSix}, script: func(w *world) {
			w.must(w.originate(mapping.SideB, false))
			w.describedAt(w.await(w.customer, "INVITE"), six)
			w.customer.Answer()
			w.describedAt(w.await(w.rider, "INVITE"), four)
			w.rider.Answer()
			w.hearBoth(w.rider)
		}},
		{name: "sound_by_another_ip_than_sip", cast: usual, script: func(w *world) {
			w.callBetween(six, four, w.inSix())
			w.hearBoth(w.rider)
		}},
		{name: "next_gateway_is_of_another_ip", cast: cast{rider: rider, customer: customerSix, second: second}, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			first := w.await(w.customer, "INVITE")
			w.describedAt(first, six)
			w.customer.Respond(503, "Overloaded")
			again := w.await(w.second, "INVITE")
			w.describedAt(again, four)
			if portOf(first) == portOf(again) {
				w.t.Errorf("both gateways are offered port %s", portOf(first))
			}
			w.second.Answer()
			w.describedAt(w.await(w.rider, "200"), four)
			w.hearBoth(w.rider)
		}},
		{name: "sound_moves_to_another_ip", cast: cast{rider: rider, customer: customerSix}, script: func(w *world) {
			w.talk()
			w.rider.Reinvite(w.inSix())
			w.await(w.rider, "488")
			w.hearBoth(w.rider)
		}},
	})
}

// callBetween has the rider call and the customer answer, each of whom is told of an
// address that he can send to.
func (w *world) callBetween(ofRider, ofCustomer string, edits ...siptest.Edit) {
	w.t.Helper()
	w.rider.Invite(string(riderDID), edits...)
	w.describedAt(w.await(w.customer, "INVITE"), ofCustomer)
	w.customer.Answer()
	w.describedAt(w.await(w.rider, "200"), ofRider)
}

// hearBoth waits until both are heard, and has one hang up.
func (w *world) hearBoth(ends *siptest.Phone) {
	w.t.Helper()
	time.Sleep(time.Second)
	w.bothAreHeard()
	w.hangUp(ends)
}

// inSix has the rider of IPv4 describe sound that goes by IPv6.
func (w *world) inSix() siptest.Edit {
	return siptest.Body(strings.ReplaceAll(w.rider.SDP(), "IP4 10.11.12.13", "IP6 2001:db8:11::13"))
}

// describedAt expects a message's SDP to have the connection.
func (w *world) describedAt(m siptest.Message, connection string) {
	w.t.Helper()
	if !strings.Contains(m.Body, connection) {
		w.t.Errorf("%s is not at %q:\n%s", m.Name(), connection, m.Body)
	}
}

func portOf(m siptest.Message) string {
	_, line, _ := strings.Cut(m.Body, "m=audio ")
	port, _, _ := strings.Cut(line, " ")
	return port
}
