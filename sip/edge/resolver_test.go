package edge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheGatewayBookKnowsLiteralsAtOnceAndNothingElse(t *testing.T) {
	trunk := Trunk{Gateways: []Gateway{
		{Network: UDP, Host: "192.0.2.9", Port: 5060},
		{Network: TCP, Host: "2001:db8::9", Port: 5070},
		{Network: UDP, Host: "gw.example.invalid", Port: 5060},
	}}
	book := newGatewayBook([]Trunk{trunk, {}})
	for i, want := range []string{"192.0.2.9:5060", "[2001:db8::9]:5070"} {
		if addr, ok := book.addr(trunk.Gateways[i]); !ok || addr.String() != want {
			t.Errorf("%s is at %v, want %s", trunk.Gateways[i], addr, want)
		}
	}
	if addr, ok := book.addr(trunk.Gateways[2]); ok {
		t.Errorf("a name nobody has looked up is at %v", addr)
	}
	if addr, ok := book.addr(Gateway{Network: UDP, Host: "198.51.100.1", Port: 5060}); ok {
		t.Errorf("a gateway of no trunk is at %v", addr)
	}
	if diff := cmp.Diff([]string{"gw.example.invalid"}, book.names()); diff != "" {
		t.Errorf("names to look up (-want +got):\n%s", diff)
	}
}
