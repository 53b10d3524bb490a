package edge

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestAViaSaysWhereTheRequestCameFrom(t *testing.T) {
	for _, row := range []struct {
		name, via, source string
		want              string // of the response
	}{
		{"as it says", "192.0.2.9:5060;branch=z", "192.0.2.9:5060", "192.0.2.9:5060;branch=z"},
		{"another port", "192.0.2.9:5060;branch=z", "192.0.2.9:6000", "192.0.2.9:5060;branch=z"},
		{"another port, and it asks for it (RFC 3581)", "192.0.2.9;branch=z;rport", "192.0.2.9:6000", "192.0.2.9;branch=z;rport=6000;received=192.0.2.9"},
		{"another address (18.2.1)", "10.0.0.1:5060;branch=z", "192.0.2.9:5060", "10.0.0.1:5060;branch=z;received=192.0.2.9"},
		{"a name", "pbx.example;branch=z", "192.0.2.9:5060", "pbx.example;branch=z;received=192.0.2.9"},
		{"another address, and rport", "10.0.0.1;branch=z;rport", "192.0.2.9:6000", "10.0.0.1;branch=z;rport=6000;received=192.0.2.9"},
		{"a received of its own", "192.0.2.9;branch=z;received=203.0.113.1", "192.0.2.9:5060", "192.0.2.9;branch=z"},
		{"an rport of its own", "192.0.2.9;branch=z;rport=7", "192.0.2.9:6000", "192.0.2.9;branch=z;rport=6000;received=192.0.2.9"},
		{"IPv6", "[2001:db8::9]:5060;branch=z", "[2001:db8::9]:5060", "[2001:db8::9]:5060;branch=z"},
		{"IPv6, spelt otherwise", "[2001:DB8:0::9]:5060;branch=z", "[2001:db8::9]:5060", "[2001:DB8:0::9]:5060;branch=z"},
		{"another address of IPv6", "[2001:db8::1]:5060;branch=z", "[2001:db8::9]:5060", "[2001:db8::1]:5060;branch=z;received=2001:db8::9"},
		{"IPv4 in IPv6", "192.0.2.9;branch=z", "[::ffff:192.0.2.9]:5060", "192.0.2.9;branch=z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := request(t, options().with("Via: SIP/2.0/UDP "+row.via), "")
			req.SetSource(row.source)
			markSource(req.Via(), row.source)
			if got := composeResponse(req, 200).message().Via().Value(); got != "SIP/2.0/UDP "+row.want {
				t.Errorf("Via: %s\nwant             %s", got, row.want)
			}
		})
	}
}

// The answer to a datagram leaves for where it came from, whatever it says.
func TestAnAnswerGoesToItsSource(t *testing.T) {
	inExchange(t, func(x *exchange) {
		for _, row := range []struct{ via, to string }{
			{"203.0.113.7:5999;branch=z9hG4bK1;rport", carrierAddr},
			{"203.0.113.7:5999;branch=z9hG4bK2;rport=5998", carrierAddr},
			{"203.0.113.7:5060;branch=z9hG4bK3", carrierAddr}, // its address, the port that it names (18.2.2)
			{"pbx.example;branch=z9hG4bK4;received=203.0.113.8", carrierAddr},
		} {
			x.send(x.carrier, options().with("Via: SIP/2.0/UDP "+row.via).text(""))
			packets := x.network.Packets()
			if last := packets[len(packets)-1]; last.From.String() != edgeAddr || last.To.String() != row.to {
				t.Errorf("%s is answered from %s to %s", row.via, last.From, last.To)
			}
		}
	})
}

func TestASIPSCallHasASIPSContact(t *testing.T) {
	l, trunk := newListener(TLS), carrier()
	in := newInbound(l, arrived(t, l, invite().start("INVITE sips:+15550100001@192.0.2.50 SIP/2.0")), nil, &trunk)
	if got := in.dialog.contact.String(); got != "sips:+15550100001@192.0.2.50:5060" {
		t.Errorf("Contact is %s (12.1.1)", got)
	}
}

// arrived is a request as the listener reads it.
func arrived(t *testing.T, l *listener, msg lines) *sip.Request {
	t.Helper()
	req := request(t, msg, sdp)
	req.SetSource(carrierAddr)
	req.SetTransport(string(l.network))
	return req
}
