package edge

import (
	"slices"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// The library makes the same response, out of copies.
func TestAResponseHasOfItsRequestWhatTheRFCSays(t *testing.T) {
	asked := invite().with("To: <sip:+15550100001@192.0.2.50>;tag=ours").
		and("Record-Route: <sip:one.example;lr>").and("Record-Route: <sip:two.example;lr>").and("Timestamp: 54")
	for _, via := range []string{
		"192.0.2.9:5070;branch=z9hG4bK1", "192.0.2.9;branch=z9hG4bK1", "10.0.0.1:5070;branch=z9hG4bK1;rport",
	} {
		for _, status := range []int{100, 180, 183, 200, 404, 487} {
			req := request(t, asked.with("Via: SIP/2.0/UDP "+via), "")
			req.SetSource("192.0.2.9:6000")
			req.SetTransport(string(UDP))
			markSource(req.Via(), req.Source())
			got, want := composeResponse(req, status).message(), sip.NewResponseFromRequest(req, status, phrases[status], nil)
			if got, want := spelt(got), spelt(want); !slices.Equal(got, want) {
				t.Errorf("%d to %s:\n%q, the library says\n%q", status, via, got, want)
			}
			if got.StartLine() != want.StartLine() || got.Transport() != want.Transport() {
				t.Errorf("%d to %s: %s on %s", status, via, got.StartLine(), got.Transport())
			}
		}
	}
}

// spelt is the headers of a message, sorted.
func spelt(msg headed) (all []string) {
	for _, h := range msg.Headers() {
		all = append(all, h.String())
	}
	slices.Sort(all)
	return all
}

func TestTheWayBack(t *testing.T) {
	for _, row := range []struct{ transport, via, want string }{
		{"UDP", "192.0.2.9:6000;branch=z", "192.0.2.9:6000"},
		{"UDP", "192.0.2.9:5070;branch=z", "192.0.2.9:5070"},
		{"UDP", "192.0.2.9;branch=z", "192.0.2.9:5060"},
		{"UDP", "10.0.0.1:5070;branch=z;rport", "192.0.2.9:6000"},
		{"TCP", "192.0.2.9:5070;branch=z", "192.0.2.9:6000"},
	} {
		req := request(t, invite().with("Via: SIP/2.0/"+row.transport+" "+row.via), "")
		req.SetSource("192.0.2.9:6000")
		req.SetTransport(row.transport)
		markSource(req.Via(), req.Source())
		if got := wayBack(req); got != row.want {
			t.Errorf("%s %s: %s, not %s", row.transport, row.via, got, row.want)
		}
	}
}
