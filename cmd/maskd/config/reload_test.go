package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

const running = `
sip: {listen: ["udp://127.0.0.1:5060"], drain_seconds: 5}
trunks:
  - {name: west, accept: [192.0.2.0/24], gateways: ["sip:192.0.2.1:5060"]}
  - {name: east, accept: [198.51.100.0/24], gateways: ["sip:198.51.100.1:5060"]}
pools:
  - {name: default, trunk: east, dids: [+15550100000]}
`

func TestWhatAReloadChanges(t *testing.T) {
	for _, row := range []struct {
		name, file string
		trunks     []string
		drain      config.Drain
		did        mapping.DID
		restart    []string
		holiday    config.Day
		goodbye    string // in Hindi
		keeps      config.Retention
		err        string // behind the file's name
	}{
		{name: "nothing", file: running, trunks: []string{"west", "east"}, drain: 5, did: "+15550100000"},
		{name: "trunks and the time to drain", trunks: []string{"east", "north"}, drain: 7, did: "+15550100000", file: `
sip: {listen: ["udp://127.0.0.1:5060"], drain_seconds: 7}
trunks:
  - {name: east, accept: [198.51.100.0/24], gateways: ["sip:198.51.100.1:5060"]}
  - {name: north, accept: [203.0.113.0/24], gateways: ["sip:203.0.113.1:5060"]}
pools: [{name: default, trunk: east, dids: [+15550100000]}]
`},
		{name: "prompts", trunks: []string{"west", "east"}, drain: 5, did: "+15550100000", goodbye: "hi.wav", file: running + `
prompts: {locales: {hi: {goodbye: hi.wav}}}
`},
		{name: "retention", trunks: []string{"west", "east"}, drain: 5, did: "+15550100000", keeps: config.Retention{CDRs: 30, Audit: 400}, file: running + `
retention: {cdrs_days: 30, audit_days: 400}
`},
		{name: "pools, and what needs a restart", trunks: []string{"east"}, drain: 20, did: "+15550100001",
			restart: []string{"sip.listen", "sip.advertise", "media", "store", "admin.metrics", "hook"}, holiday: "2026-12-25", file: `
sip: {listen: ["udp://127.0.0.1:5062"], advertise: sip.example.net}
media: {dscp: 0}
store: {path: other.db}
admin: {metrics: ""}
hook: {timeout_ms: 500}
holidays: {de: [2026-12-25]}
trunks: [{name: east, accept: [198.51.100.0/24], gateways: ["sip:198.51.100.1:5060"]}]
pools: [{name: default, trunk: east, dids: [+15550100001]}]
`},
		{name: "a bad value", err: ":3:26: expected pai-or-from, pai or from", file: `
trunks:
  - {name: east, caller: who}
`},
		{name: "a trunk that a pool uses is gone", err: `:3:32: pools[0].trunk: expected the name of a trunk`, file: `
trunks: [{name: west, accept: [192.0.2.0/24], gateways: ["sip:192.0.2.1:5060"]}]
pools: [{name: default, trunk: east, dids: [+15550100000]}]
`},
		{name: "a gateway that counts on a new address", err: `:4:69: trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach: same transport, same IP version`, file: `
sip: {listen: ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"]}
trunks:
  - {name: east, caller: pai, accept: [198.51.100.0/24], gateways: ["sip:198.51.100.1:5060;transport=tcp"]}
pools: [{name: default, trunk: east, dids: [+15550100000]}]
`},
	} {
		t.Run(row.name, func(t *testing.T) {
			before, err := config.Parse("f", []byte(running))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "maskd.yaml")
			if err := os.WriteFile(path, []byte(row.file), 0o600); err != nil {
				t.Fatal(err)
			}
			next, restart, err := before.Reload(path)
			if row.err != "" {
				var bad *config.Error
				if !errors.As(err, &bad) || err.Error() != path+row.err {
					t.Fatalf("error %v\nwant  %s%s", err, path, row.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if days := next.Holidays["de"]; len(days) > 0 && days[0] != row.holiday || len(days) == 0 && row.holiday != "" {
				t.Errorf("holidays %v", next.Holidays)
			}
			var trunks []string
			for _, trunk := range next.Trunks {
				trunks = append(trunks, trunk.Name)
			}
			if diff := cmp.Diff(row.trunks, trunks); diff != "" || next.SIP.Drain != row.drain {
				t.Errorf("drains for %d s; trunks (-want +got):\n%s", next.SIP.Drain, diff)
			}
			if diff := cmp.Diff(row.restart, restart); diff != "" {
				t.Errorf("restart needed for (-want +got):\n%s", diff)
			}
			if next.Pools[0].Trunk != "east" || next.Pools[0].DIDs[0].First != row.did {
				t.Errorf("pools %+v", next.Pools)
			}
			if got := next.Prompts.Locales["hi"].Goodbye; got != row.goodbye {
				t.Errorf("in Hindi it says goodbye by %q", got)
			}
			row.keeps.Events = before.Retention.Events
			if next.Retention != row.keeps {
				t.Errorf("keeps for %+v", next.Retention)
			}
			next.Retention = before.Retention
			next.Trunks, next.Pools, next.SIP.Drain, next.Holidays, next.Prompts = before.Trunks, before.Pools, before.SIP.Drain, before.Holidays, before.Prompts
			if diff := cmp.Diff(before, next, byValue); diff != "" {
				t.Errorf("something else was changed (-before +after):\n%s", diff)
			}
		})
	}
}
