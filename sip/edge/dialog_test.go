package edge

import (
	"net/netip"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// listening is our own address in these tests.
var listening = netip.MustParseAddrPort("10.1.0.50:5060")

func own(addr netip.AddrPort) bool { return addr == listening }

func uriOf(t *testing.T, text string) *sip.Uri {
	t.Helper()
	uri := new(sip.Uri)
	if err := sip.ParseUri(text, uri); err != nil {
		t.Fatal(err)
	}
	return uri
}

func TestARequestGoesToTheRouteOrTheTargetIfTheTrunkKnowsIt(t *testing.T) {
	trunk := carrier("10.1.0.0/16", "2001:db8::/48")
	const home = "192.0.2.9:5062"
	for _, row := range []struct{ name, target, route, want string }{
		{"a Contact on the trunk", "sip:b@10.1.2.3:5080", "", "10.1.2.3:5080"},
		{"without a port (19.1.2)", "sip:b@10.1.2.3", "", "10.1.2.3:5060"},
		{"at home", "sip:b@192.0.2.9:5099", "", "192.0.2.9:5099"},
		{"on IPv6", "sip:b@[2001:db8::7]:5080", "", "[2001:db8::7]:5080"},
		{"on IPv6 without a port", "sip:b@[2001:db8::7]", "", "[2001:db8::7]:5060"},
		{"IPv4 written as IPv6", "sip:b@[::ffff:10.1.2.3]:5080", "", "10.1.2.3:5080"},

		{"a foreign address", "sip:b@203.0.113.1:5060", "", home},
		{"a foreign IPv6 address", "sip:b@[2001:db8:1::7]:5060", "", home},
		{"a foreign IPv4 address written as IPv6", "sip:b@[::ffff:203.0.113.1]", "", home},
		{"a zone", "sip:b@[fe80::1%lo]", "", home},
		{"a name", "sip:b@gw.example.invalid:5060", "", home},
		{"a name that looks like an address", "sip:b@10.1.2.3.example.invalid", "", home},
		{"an address that is none", "sip:b@10.1.2.300", "", home},
		{"an address in another spelling", "sip:b@0x0a010203", "", home},
		{"no host at all", "tel:+15550100001", "", home},
		{"the loopback of ours", "sip:b@127.0.0.1:5060", "", home},
		{"our own address", "sip:b@10.1.0.50:5060", "", home},
		{"our own address, written as IPv6", "sip:b@[::ffff:10.1.0.50]:5060", "", home},
		{"our own address, its port left out", "sip:b@10.1.0.50", "", home},
		{"a port that is none", "sip:b@10.1.2.3:70000", "", "10.1.2.3:5060"},

		{"a route comes before the target (12.2.1.1)", "sip:b@10.1.2.3", "sip:10.1.9.9:5070;lr", "10.1.9.9:5070"},
		{"a foreign target behind a route is the route's affair", "sip:b@203.0.113.1", "sip:10.1.9.9;lr", "10.1.9.9:5060"},
		{"a foreign route", "sip:b@10.1.2.3", "sip:203.0.113.1;lr", home},
		{"a route by name", "sip:b@10.1.2.3", "sip:proxy.example.invalid;lr", home},
		{"a target over TLS, its port left out", "sip:b@10.1.2.3;transport=TLS", "", "10.1.2.3:5061"},
		{"a secure target, its port left out", "sips:b@10.1.2.3", "", "10.1.2.3:5061"},
		{"maddr says nothing to us", "sip:b@10.1.2.3;maddr=203.0.113.1", "", "10.1.2.3:5060"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := dialog{target: uriOf(t, row.target), trunk: &trunk, home: netip.MustParseAddrPort(home)}
			if row.route != "" {
				d.routes = []sip.Uri{*uriOf(t, row.route)}
			}
			if got := d.hop(own).String(); got != row.want {
				t.Errorf("goes to %s, want %s", got, row.want)
			}
		})
	}
}

// Whatever the peer writes, a request of ours stays on the trunk or at home.
func TestARequestNeverLeavesTheTrunk(t *testing.T) {
	trunk := carrier("10.1.0.0/16")
	home := netip.MustParseAddrPort("192.0.2.9:5062")
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.OneOf(rapid.String(), rapid.StringMatching(`\[?[0-9a-f:.]{1,20}\]?`),
			rapid.Map(rapid.Custom(drawAddr), netip.Addr.String)).Draw(t, "host")
		d := dialog{trunk: &trunk, home: home,
			target: &sip.Uri{Scheme: "sip", Host: host, Port: rapid.Int().Draw(t, "port")}}
		hop := d.hop(own)
		if hop != home && hop.Addr() != home.Addr() && !trunk.accepts(hop.Addr()) {
			t.Fatalf("Contact %q leads to %v", host, hop)
		}
		if own(hop) {
			t.Fatalf("Contact %q leads to ourselves", host)
		}
	})
}

func TestTheAnswerMakesTheDialog(t *testing.T) {
	f := facts{tag: "b", cseq: 1, routes: []sip.Uri{*uriOf(t, "sip:near;lr"), *uriOf(t, "sip:far;lr")}, target: uriOf(t, "sip:b@10.1.2.3")}
	d := dialog{target: uriOf(t, "sip:+447700900123@gateway")}
	d.confirm(f)

	var routes []string
	for _, route := range d.routes {
		routes = append(routes, route.String())
	}
	if diff := cmp.Diff([]string{"sip:far;lr", "sip:near;lr"}, routes); diff != "" {
		t.Errorf("route set, reversed (12.1.2) (-want +got):\n%s", diff)
	}
	if d.remote.tag != "b" || d.target.Host != "10.1.2.3" {
		t.Errorf("tag %q, target %s", d.remote.tag, d.target.String())
	}
	if f.routes[0].Host != "near" {
		t.Error("the facts were turned around too")
	}
	d.confirm(facts{tag: "b"})
	if d.target.Host != "10.1.2.3" {
		t.Error("an answer without a Contact moves the target")
	}
}
