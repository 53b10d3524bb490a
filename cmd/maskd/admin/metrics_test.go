package admin

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
	"maskd/media"
	"maskd/sip"
	"maskd/sip/edge"
	"maskd/store"
)

func TestMetricsTellHowCallsWent(t *testing.T) {
	m := NewMetrics()
	m.Watch(Gauges{
		Live:       func() int { return 3 },
		Unanswered: func() edge.Counts { return edge.Counts{Strangers: 5} },
		Ports:      func() media.Usage { return media.Usage{Free: 7} },
		Store:      func() store.Counts { return store.Counts{Live: 11} },
		Webhooks: func() []webhook.Standing {
			return []webhook.Standing{{Name: "dispatch", Delivered: 13, Failed: 2}, {Name: "late", Waiting: time.Unix(0, 0)}}
		},
	})
	answered := sip.Figures{TrunkIn: "west", TrunkOut: "east", Outcome: mapping.OutcomeAnswered, Status: 200,
		RequestDelay: 300 * time.Millisecond, DisconnectDelay: 30 * time.Millisecond, Talked: 45 * time.Second}
	m.Ended(answered)
	m.Ended(answered)
	m.Asked(hook.OutcomeConnect, 30*time.Millisecond)
	m.Asked(hook.OutcomeTimeout, 800*time.Millisecond)
	m.Ended(sip.Figures{TrunkIn: "west", Outcome: mapping.OutcomeRefused, Status: 404})

	answer := httptest.NewRecorder()
	m.handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`maskd_calls_total{outcome="answered",status="200",trunk_in="west",trunk_out="east"} 2`,
		`maskd_calls_total{outcome="refused",status="404",trunk_in="west",trunk_out=""} 1`,
		`maskd_session_request_delay_seconds_bucket{trunk_out="east",le="0.2"} 0`,
		`maskd_session_request_delay_seconds_bucket{trunk_out="east",le="0.5"} 2`,
		`maskd_session_disconnect_delay_seconds_count{trunk_out="east"} 2`,
		`maskd_session_duration_seconds_sum{trunk_out="east"} 90`,
		`maskd_hook_seconds_bucket{outcome="connect",le="0.05"} 1`, `maskd_hook_seconds_count{outcome="timeout"} 1`,
		`maskd_calls_live 3`, `maskd_sip_strangers_total 5`, `maskd_media_port_pairs_free 7`, `maskd_interactions_live 11`,
		`maskd_webhook_delivered_total{webhook="dispatch"} 13`, `maskd_webhook_failed_total{webhook="dispatch"} 2`,
		`maskd_webhook_backlog_seconds{webhook="dispatch"} 0`,
	} {
		if !strings.Contains(answer.Body.String(), line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
	if t.Failed() {
		t.Log(answer.Body)
	}
}
