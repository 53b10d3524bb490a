package config_test

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
)

var byValue = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func TestTheExampleIsTheDefault(t *testing.T) {
	got, err := config.Load("../../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), got, byValue); diff != "" {
		t.Errorf("config.example.yaml differs from Default (-default +file):\n%s", diff)
	}
	if err := config.Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestAFileSaysOnlyWhatDiffers(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       "",
		"a comment":     "# all as it is\n",
		"an empty part": "media:\n",
	} {
		got, err := config.Parse("f", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(config.Default(), got, byValue); diff != "" {
			t.Errorf("%s is not the default:\n%s", name, diff)
		}
	}
}

func TestAPrintedConfigurationReadsBack(t *testing.T) {
	want, err := config.Parse("f", []byte(`
sip:
  listen: ["udp://[::1]:5062", "tcp://[::1]:5062?advertise=192.0.2.8", "tls://[::1]:5061?advertise=2001:db8::8"]
  advertise: sip.example.net
  drain_seconds: 0
  tls: {certificate: cert.pem, key: key.pem}
media: {listen: [0.0.0.0, "2001:db8::5"], advertise: 192.0.2.7, ports: 30000-30999}
admin: {metrics: ""}
trunks:
  - {name: one, accept: [192.0.2.0/24, "2001:db8::/32"], gateways: ["sip:[2001:db8::1]:5060;transport=tcp", "sip:gw.example.net:5060", "sip:gw.example.net", "sip:gw.example.net;transport=udp", "sip:[2001:db8::3]", "sip:[2001:db8::2];transport=tcp"], options_seconds: 0, failover_seconds: 2, caller: pai, limits: {calls_out: 30, calls_per_second_out: 15}}
  - name: two
    accept: [198.51.100.0/24, "2001:db7::/32"]
    gateways: ["sip:gw.example.org:5061;transport=tls", "sip:[2001:db7::99];transport=tls"]
    listen: ["tls://[::1]:5061"]
    tls: {ca: ca.pem, names: [example.org, sbc.example.org], mutual: true}
pools:
  - {name: p, trunk: one, dids: [+15550100000, +15550100002..+15550100005], reserved: [+15550100003..+15550100004],
     sticky: pin, cool_down_seconds: 600, on_exhaustion: shorten_cooldown, cool_down_floor_seconds: 60, max_pairs: 9, low_percent: 20, warm_up_seconds: 86400, unknown_caller: pin,
     max_call_seconds: 3600, warn_seconds: [60, 10], max_calls_at_once: 1, max_calls_per_number: 2, max_calls_per_did: 30, calls_in_all: {per_number: 20, per_did: 500, hours: 48},
     announce: {refused: refused.wav, busy: busy.wav}}
  - {name: q, trunk: two, dids: [+15550100006], unknown_caller: hook}
  - {name: r, trunk: one, dids: [+15550100010], unknown_caller: redirect, redirect_to: +15550199000}
hook: {url: "https://hook.example.net:8443/decide", key_file: hook.key, ca: ca.pem, timeout_ms: 250}
holidays: {de: [2026-12-25, 2026-12-26], none: []}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := want.Trunks[0]; got.Caller != config.CallerPAI || got.Format != config.FormatE164() {
		t.Errorf("trunk = %+v", got)
	}
	if got := want.Trunks[1].Gateways[1]; got != (config.Gateway{Network: "tls", Host: "2001:db7::99", Port: 5061}) {
		t.Errorf("an address without a port, over TLS, is %+v", got)
	}
	if got := want.Trunks[0].Gateways[4]; got != (config.Gateway{Network: "udp", Host: "2001:db8::3", Port: 5060}) {
		t.Errorf("an address without a port is %+v", got)
	}
	if got := want.Trunks[0]; got.ProbeEvery() != 0 || got.Failover != 2 {
		t.Errorf("probed every %v, patience %d", got.ProbeEvery(), got.Failover)
	}
	for _, c := range []config.Config{want, config.Default()} {
		text, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		got, err := config.Parse("printed", text)
		if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		if diff := cmp.Diff(c, got, byValue); diff != "" {
			t.Errorf("differs after printing:\n%s\n%s", diff, text)
		}
	}
}

func TestSoundListensOnOneAddressOrTwo(t *testing.T) {
	four, six := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("2001:db8::5")
	for _, test := range []struct {
		text string
		want config.Addresses
	}{
		{`10.0.0.5`, config.Addresses{four}},
		{`"2001:db8::5"`, config.Addresses{six}},
		{`"::ffff:10.0.0.5"`, config.Addresses{four}},
		{`["2001:db8::5", 10.0.0.5]`, config.Addresses{six, four}},
	} {
		got, err := config.Parse("f", []byte("media: {listen: "+test.text+", advertise: \"\"}\n"))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, got.Media.Listen, byValue); diff != "" || got.Media.Advertise != nil {
			t.Errorf("%s advertised as %v:\n%s", test.text, got.Media.Advertise, diff)
		}
		printed, err := got.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := config.Parse("printed", printed); err != nil || cmp.Diff(got, again, byValue) != "" {
			t.Errorf("%s reads back as %v, %v from\n%s", test.text, again.Media, err, printed)
		}
	}
}

func TestDomainPoolsHoldEveryDID(t *testing.T) {
	pools, err := config.Default().DomainPools()
	if err != nil {
		t.Fatal(err)
	}
	pool, ok := pools.Named("default")
	if !ok || len(pool.DIDs) != 100 || pool.Trunk != "carrier" {
		t.Errorf("default pool = %+v", pool)
	}
}

func TestLoadSaysWhichFileItCannotRead(t *testing.T) {
	_, err := config.Load(t.TempDir() + "/none.yaml")
	var e *config.Error
	if !errors.As(err, &e) || !strings.HasSuffix(err.Error(), "none.yaml: expected a readable file: no such file or directory") {
		t.Errorf("error = %v", err)
	}
	if _, err := config.Load(""); err != nil {
		t.Errorf("no file: %v", err)
	}
	if _, err := os.Stat("var"); err == nil {
		t.Error("reading a configuration made a directory")
	}
}
