package admin_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip"
	"maskd/sip/edge"
)

func TestTrunksShowTheirGateways(t *testing.T) {
	h := open(t)
	gateway := edge.Gateway{Host: "carrier.example"}
	h.calls.trunks = []sip.TrunkInfo{
		{CallsIn: 2, CallsOut: 1, TrunkStanding: edge.TrunkStanding{
			Name: "west", Account: edge.AccountRefused, Rests: noon.Add(time.Minute), Received: map[int]uint64{200: 7, 486: 1}, Sent: map[int]uint64{404: 3},
			Targets: []edge.TargetStanding{
				{Target: edge.Target{Gateway: gateway, Network: edge.TCP, Addr: netip.MustParseAddrPort("192.0.2.1:5070")},
					State: edge.TargetDown, Since: noon, Shunned: noon.Add(time.Minute), Status: 503,
					RoundTrip: 1234567 * time.Nanosecond, NextProbe: noon.Add(time.Second)},
				{Target: edge.Target{Gateway: gateway}, State: edge.TargetUnknown},
			}}},
		{Registration: edge.Registered, TrunkStanding: edge.TrunkStanding{Name: "east", Account: edge.AccountInUse}},
	}
	r, body := h.ask("GET", "/v1/trunks", "")
	if r.StatusCode != 200 {
		t.Fatalf("status %d: %s", r.StatusCode, body)
	}
	var got any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	want := object{"next": "", "data": []any{
		object{"name": "west", "account": "refused", "account_rests_until": "2026-11-21T12:01:00.123Z", "calls_in": 2.0, "calls_out": 1.0,
			"received": object{"200": 7.0, "486": 1.0}, "sent": object{"404": 3.0},
			"gateways": []any{
				object{"gateway": "carrier.example", "address": "192.0.2.1:5070", "transport": "tcp", "state": "down",
					"since": "2026-11-21T12:00:00.123Z", "avoided_until": "2026-11-21T12:01:00.123Z", "status": 503.0,
					"round_trip_ms": 1.23, "next_probe_at": "2026-11-21T12:00:01.123Z"},
				object{"gateway": "carrier.example", "state": "unknown", "round_trip_ms": 0.0},
			}},
		object{"name": "east", "registration": edge.Registered.String(), "account": "in_use", "calls_in": 0.0, "calls_out": 0.0, "received": object{}, "sent": object{}, "gateways": []any{}},
	}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	page, err := h.client.Trunks(context.Background())
	if err != nil || len(page.Data) != 2 || page.Data[0].Gateways[0].Status != 503 {
		t.Errorf("the client reads %+v, %v", page, err)
	}
	if r, body := h.ask("GET", "/v1/trunks?limit=1", ""); r.StatusCode != 400 {
		t.Errorf("a parameter: %d %s", r.StatusCode, body)
	}
}
