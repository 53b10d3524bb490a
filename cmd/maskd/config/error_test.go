package config_test

import (
	"strings"
	"testing"

	"maskd/cmd/maskd/config"
)

// carrier is a trunk for tests of what is written after it.
const carrier = "trunks:\n  - {name: carrier, accept: [127.0.0.0/8], gateways: [\"sip:127.0.0.1:5070\"]}\n"

// secure is a daemon with TLS, for tests of trunks that are written after it.
const secure = "sip:\n  listen: [tls://127.0.0.1:5061, udp://127.0.0.1:5060]\n  tls: {certificate: c, key: k}\ntrunks:\n"

func TestABadFileIsOneLineThatSaysWhere(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"unknown section", "sips:\n", `f:1:1: expected a known key, found an unknown field "sips"`},
		{"a number for a section", "+919876543210: 1\n", `f:1:1: expected a known key`},
		{"a number for a key", "sip: {919876543210: 1}\n", `f:1:7: expected a known key`},
		{"a number in a key", "sip: {x+919876543210: 1}\n", `f:1:7: expected a known key`},
		{"a quoted number for a key", "sip: {\"+919876543210\": 1}\n", `f:1:7: expected a known key`},
		{"unknown key", "sip:\n  lisen: []\n", `f:2:3: expected a known key, found an unknown field "lisen"`},
		{"unknown key in a list", "trunks:\n  - name: a\n    acept: []\n",
			`f:3:5: expected a known key, found an unknown field "acept"`},
		{"duplicate key", "sip:\n  advertise: a\n  advertise: b\n", `f:3:3: mapping key "advertise" already defined at [2:3]`},
		{"two documents", "sip:\n---\nsip:\n", `f:2:1: expected one YAML document`},
		{"no YAML", "sip: [\n", `f:1:6: sequence end token ']' not found`},
		{"list for a value", "media:\n  ports: [1]\n", `f:2:10: expected one plain value`},
		{"spin of a whole second", "media:\n  spin_microseconds: 1000000\n", `f:2:22: expected microseconds from 0 to 1000`},
		{"spin in words", "media:\n  spin_microseconds: 50us\n", `f:2:22: expected microseconds from 0 to 1000`},
		{"value for a section", "media: 7\n", `f:1:8: expected a mapping`},
		{"value for a list", "sip:\n  listen: udp://127.0.0.1:5060\n", `f:2:11: expected a sequence`},
		{"list for a name", carrier + "pools:\n  - name: [a]\n", `f:4:11: expected a value of another kind`},

		{"a recording for nobody", "recording: {directory: r}\n", `f:1:13: recording.auditors: expected the public key of an auditor`},
		{"a recording for what is no key", "recording: {directory: r, auditors: [age1auditor]}\n", `f:1:38: recording.auditors[0]: expected a public key of age, age1...`},

		{"listen without scheme", "sip:\n  listen: [127.0.0.1:5060]\n",
			`f:2:12: expected udp://ADDRESS:PORT, tcp:// or tls:// in its place, with an IP address and a port from 1`},
		{"listen on port 0", "sip:\n  listen: [udp://127.0.0.1:0]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen on nothing", "sip:\n  listen: []\n", `f:2:11: sip.listen: expected at least one address`},
		{"listen on null", "sip:\n  listen: [null]\n", `f:2:12: sip.listen[0]: expected udp://ADDRESS:PORT`},
		{"listen twice", "sip:\n  listen:\n    - udp://127.0.0.1:1\n    - udp://127.0.0.1:1\n",
			`f:4:7: sip.listen[1]: expected each address once`},
		{"listen everywhere", "sip:\n  listen: [udp://0.0.0.0:5060]\n",
			`f:2:12: sip.listen[0]: expected one address of this host`},
		{"listen by SCTP", "sip:\n  listen: [sctp://127.0.0.1:5060]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen in a zone", "sip:\n  listen: [\"udp://[fe80::1%eth0]:5060\"]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen advertised as nothing", "sip:\n  listen: [udp://127.0.0.1:5060?advertise=]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen advertised as no host", "sip:\n  listen: [udp://127.0.0.1:5060?advertise=a_b]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen with another option", "sip:\n  listen: [udp://127.0.0.1:5060?x=y]\n", `f:2:12: expected udp://ADDRESS:PORT`},
		{"listen twice under two names", "sip:\n  listen:\n    - udp://127.0.0.1:1\n    - udp://127.0.0.1:1?advertise=192.0.2.1\n",
			`f:4:7: sip.listen[1]: expected each address once`},
		{"TLS without a certificate", "sip:\n  listen: [tls://127.0.0.1:5061]\n",
			`f:2:3: sip.tls.certificate: expected the file of our certificate, because sip.listen has a tls:// address`},
		{"certificate without a key", "sip:\n  tls: {certificate: a}\n", `f:2:9: sip.tls.key: expected the files of both`},
		{"key without a certificate", "sip:\n  tls: {key: a}\n", `f:2:14: sip.tls.key: expected the files of both`},
		{"TLS gateway without a listener", "trunks:\n  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:127.0.0.1:1;transport=tls\"]}\n",
			`trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach`},
		{"TLS gateway without a name", secure + "  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:127.0.0.1:1;transport=tls\"]}\n",
			`trunks[0].tls.names: expected the SIP domain that the trunk's certificates are for`},
		{"TLS name that is none", secure + "  - {name: a, tls: {names: [192.0.2.1]}}\n", `f:5:29: expected a SIP domain such as sip.example.net`},
		{"TLS name of nothing", secure + "  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:a:1;transport=tls\"], tls: {names: [null]}}\n",
			`trunks[0].tls.names[0]: expected a SIP domain`},
		{"mutual TLS and plain gateway", secure + "  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:a:1;transport=tls\", \"sip:a:2\"], tls: {mutual: true}}\n",
			`trunks[0].gateways[1]: expected transport=tls: by tls.mutual the trunk is spoken to over TLS alone`},
		{"trunk's listen that is none of ours", "trunks:\n  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:a:1\"], listen: [\"udp://127.0.0.1:5062\"]}\n",
			`trunks[0].listen[0]: expected an address as it stands in sip.listen`},
		{"trunk's listen of another transport than its gateway", "trunks:\n  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:a:1\"], listen: [\"tcp://127.0.0.1:5060\"]}\n",
			`trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach`},
		{"advertise", "sip:\n  advertise: a b\n", `f:2:14: expected a host name or an IP address, or nothing`},

		{"media listen", "media:\n  listen: localhost\n", `f:2:11: expected an IP address`},
		{"media everywhere", "media:\n  listen: 0.0.0.0\n", `f:2:3: media.advertise: expected the address that carriers`},
		{"media IP version", "media:\n  advertise: 2001:db8::1\n",
			`f:2:14: media.advertise: expected an address of the same IP version`},
		{"media listen in a list", "media:\n  listen: [127.0.0.1, localhost]\n", `f:2:23: expected an IP address`},
		{"media listen on nothing", "media:\n  listen: []\n", `f:2:11: media.listen: expected an IP address`},
		{"media listen on nothing in a list", "media:\n  listen: [\"\"]\n", `f:2:12: expected an IP address`},
		{"media listen twice", "media:\n  listen: [127.0.0.1, \"::1\", 127.0.0.2]\n",
			`f:2:30: media.listen[2]: expected one address of each IP version at most`},
		{"media listen in a list of lists", "media:\n  listen: [[127.0.0.1]]\n", `f:2:12: expected one plain value`},
		{"media everywhere of one IP version", "media:\n  listen: [0.0.0.0, \"::\"]\n  advertise: 192.0.2.1\n",
			`f:3:14: media.advertise: expected the address that carriers`},
		{"media advertised twice", "media:\n  advertise: [192.0.2.1, 192.0.2.2]\n",
			`f:2:26: media.advertise[1]: expected one address of each IP version at most`},
		{"media advertised to a group", "media:\n  listen: [127.0.0.1, \"::1\"]\n  advertise: \"ff02::1\"\n",
			`f:3:14: media.advertise: expected an address that carriers can send to`},
		{"ports", "media:\n  ports: 20000\n", `f:2:10: expected FIRST-LAST, two port numbers`},
		{"ports backwards", "media:\n  ports: 3000-2000\n", `f:2:10: port range 3000-2000: ends before it begins`},
		{"ports too few", "media:\n  ports: 3000-3001\n", `f:2:10: port range 3000-3001: too small`},

		{"hook in clear", "hook:\n  url: http://hook.example.net/\n", `f:2:8: expected an https URL, or http and an address of this machine`},
		{"hook at localhost", "hook:\n  url: http://localhost:8080/\n", `f:2:8: expected an https URL`},
		{"hook by a password", "hook:\n  url: https://me:secret@example.net/\n", `f:2:8: expected an https URL`},
		{"hook with a query", "hook:\n  url: https://example.net/?key=1\n", `f:2:8: expected an https URL`},
		{"hook by a file", "hook:\n  url: file:///etc/passwd\n", `f:2:8: expected an https URL`},
		{"hook without a key", "hook:\n  url: https://example.net/\n", `f:2:3: hook.key_file: expected the file of a key`},
		{"key of no hook", "hook:\n  key_file: k\n", `hook.url: expected an https URL`},
		{"patience with a hook", "hook:\n  timeout_ms: 60000\n", `f:2:15: expected milliseconds from 50 to 5000`},
		{"unknown caller of no hook", carrier + "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000], unknown_caller: hook}\n",
			`f:4:69: pools[0].unknown_caller: expected hook.url too`},
		{"a holiday that is none", "holidays:\n  de: [2026-02-29]\n", `f:2:8: expected a day, such as 2026-12-25`},
		{"no holiday", "holidays:\n  de: [null]\n", `f:2:8: holidays.de[0]: expected a day`},
		{"a language that is none", "prompts:\n  locales: {hindi: {pin: a.wav}}\n", `prompts.locales: expected a language, such as hi, hi-IN or zh-Hant-TW`},
		{"a language as nobody writes it", "prompts:\n  locales: {hi-in: {pin: a.wav}}\n", `prompts.locales: expected hi-IN, as RFC 5646 writes it`},
		{"a phrase that nobody says", "prompts:\n  locales: {hi: {hello: a.wav}}\n", `f:2:18: expected a known key`},
		{"a key that is taken", "keys: {do_not_disturb: 3}\n", `f:1:24: keys.do_not_disturb: expected a key that says nothing else behind a star`},
		{"one key for two wishes", "keys: {do_not_disturb: 8, block: 8}\n", `f:1:34: keys.block: expected a key that says nothing else`},
		{"no key", "keys: {block: 12}\n", `f:1:15: expected a key of a telephone: 0 to 9, # or A to D`},
		{"a list of no name", "holidays:\n  2026-12-25: []\n", `holidays: expected names of lists`},

		{"no store", "store:\n  path: \"\"\n", `f:2:9: store.path: expected the path of a file`},
		{"keys in the store", "store:\n  path: a\n  keys: a\n", `f:3:9: store.keys: expected another file than store.path`},
		{"keys in the root key", "store:\n  root_key: a\n  keys: a\n", `f:3:9: store.keys: expected another file than store.root_key`},
		{"credential with a path", "store:\n  root_key_credential: ../root\n", `f:2:24: store.root_key_credential: expected the name of a credential`},
		{"key in the store", "store:\n  path: a\n  root_key: a\n", `f:3:13: store.root_key: expected another file than store.path`},
		{"metrics", "admin:\n  metrics: 9560\n", `f:2:12: expected ADDRESS:PORT`},

		{"no trunk", "trunks: []\n", `f:1:9: trunks: expected at least one trunk`},
		{"trunk without name", "trunks:\n  - accept: [127.0.0.0/8]\n", `f:2:5: trunks[0].name: expected a name`},
		{"trunk that takes no calls", "trunks:\n  - {name: a, gateways: [\"sip:a:1\"]}\n", `trunks[0].accept: expected at least one IP prefix`},
		{"trunk that sends no calls", "trunks:\n  - {name: a, accept: [127.0.0.0/8]}\n", `trunks[0].gateways: expected at least one gateway`},
		{"prefix", "trunks:\n  - accept: [127.0.0.1/8]\n", `f:2:14: expected an IP prefix such as 192.0.2.0/24`},
		{"gateway", "trunks:\n  - gateways: [127.0.0.1:5070]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway by a user", "trunks:\n  - gateways: [sip:me@example.net:5070]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway by SCTP", "trunks:\n  - gateways: [sip:a:1;transport=sctp]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway with port 0", "trunks:\n  - gateways: [sip:a:0]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway of IPv6 without brackets", "trunks:\n  - gateways: [\"sip:2001:db8::1\"]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway with half a bracket", "trunks:\n  - gateways: [\"sip:[2001:db8::1\"]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway of nobody", "trunks:\n  - gateways: [\"sip:\"]\n", `f:2:16: expected sip:HOST:PORT`},
		{"gateway with another parameter", "trunks:\n  - gateways: [sip:a:1;lr]\n", `f:2:16: expected sip:HOST:PORT`},
		{"OPTIONS in a flood", "trunks:\n  - options_seconds: 1\n", `f:2:22: expected seconds from 5 to 3600, or 0 for never`},
		{"patience of nobody", "trunks:\n  - failover_seconds: 0\n", `f:2:23: expected seconds from 1 to 32`},
		{"limit", "trunks:\n  - limits: {calls_in: -1}\n", `f:2:24: expected a number of calls from 0, which is no limit, to 100000`},
		{"limit of many", "trunks:\n  - limits: {calls_out: 100001}\n", `f:2:25: expected a number of calls from 0`},
		{"limit of another name", "trunks:\n  - limits: {cps: 1}\n", `f:2:14: expected a known key, found an unknown field "cps"`},
		{"rest", "media:\n  rest_seconds: 0\n", `f:2:17: expected seconds from 1 to 3600`},
		{"caller", "trunks:\n  - caller: rpid\n", `f:2:13: expected pai-or-from, pai or from`},
		{"early media", "trunks:\n  - early_media: all\n", `f:2:18: expected local, relay or suppress`},
		{"format", "trunks:\n  - format: national\n", `f:2:13: expected e164`},
		{"trunk twice", carrier + "  - {name: carrier, accept: [192.0.2.0/24], gateways: [\"sip:a:1\"]}\n",
			`f:3:12: trunks[1].name: expected a name that no other trunk has`},
		{"source of two trunks", carrier + "  - {name: b, accept: [127.0.0.1/32], gateways: [\"sip:a:1\"]}\n",
			`f:3:24: trunks[1].accept[0]: expected addresses that trunk "carrier" does not accept too`},
		{"gateway that is not heard", "trunks:\n  - {name: a, accept: [192.0.2.0/24], gateways: [\"sip:192.0.2.1:5060\", \"sip:198.51.100.1:5060\"]}\n",
			`f:2:72: trunks[0].gateways[1]: expected an address that this trunk accepts`},
		{"gateway without a listener of its transport",
			"sip:\n  listen: [udp://127.0.0.1:5060]\ntrunks:\n  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:127.0.0.1:5070;transport=tcp\"]}\n",
			`f:4:49: trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach`},
		{"gateway by name without a listener of its transport",
			"sip:\n  listen: [tcp://127.0.0.1:5060]\ntrunks:\n  - {name: a, accept: [127.0.0.0/8], gateways: [\"sip:gw.example.net:5070\"]}\n",
			`f:4:49: trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach`},
		{"gateway of another IP version than the listener", "trunks:\n  - {name: a, accept: [\"2001:db8::/32\"], gateways: [\"sip:[2001:db8::1]:5060\"]}\n",
			`f:2:53: trunks[0].gateways[0]: expected a gateway that an address of sip.listen can reach`},
		{"default pool's trunk gone", "trunks:\n  - {name: b, accept: [127.0.0.1/32], gateways: [\"sip:a:1\"]}\n",
			`f: pools[0].trunk: expected the name of a trunk`},

		{"pool's trunk", "pools:\n  - {name: a, trunk: b, dids: [+15550100000]}\n", `f:2:22: pools[0].trunk: expected the name of a trunk`},
		{"pool twice", "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000]}\n  - {name: a, trunk: carrier, dids: [+15550100001]}\n",
			`f:3:12: pools[1].name: expected a name that no other pool has`},
		{"pool without DIDs", "pools:\n  - {name: a, trunk: carrier}\n", `pools[0].dids: expected at least one DID`},
		{"DID", "pools:\n  - dids: [15550100000]\n", `f:2:12: expected a DID as + and 7 to 15 digits`},
		{"DID range", "pools:\n  - dids: [+15550100009..+15550100000]\n", `f:2:12: expected a DID as + and 7 to 15 digits`},
		{"reserved DID of another pool", "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000], reserved: [+15550100001]}\n",
			`pools[0].reserved[0]: expected DIDs within one of the ranges of dids`},
		{"sticky", "pools:\n  - sticky: always\n", `f:2:13: expected off, prefer, avoid or pin`},
		{"unknown caller", "pools:\n  - unknown_caller: connect\n", `f:2:21: expected refuse, announce, pin, hook or redirect`},
		{"call of a second", carrier + "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000], max_call_seconds: 1}\n",
			`f:4:71: pools[0].max_call_seconds: expected seconds from 10 to 86400`},
		{"warning of nothing", carrier + "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000], warn_seconds: [10]}\n",
			`pools[0].warn_seconds: expected at most 4, the longest first, each below max_call_seconds`},
		{"warning in words", "pools:\n  - warn_seconds: [a minute]\n", `f:2:20: expected seconds from 0`},
		{"no hour", "pools:\n  - calls_in_all: {per_did: 9, hours: 0}\n", `f:2:39: expected hours from 1 to 744`},
		{"too many hours", "tenants:\n  - calls_in_all: {calls: 9, hours: 745}\n", `f:2:37: expected hours from 1 to 744`},
		{"too many calls", "pools:\n  - max_calls_per_did: 1000000\n", `f:2:24: expected a number of calls`},
		{"announcement of something else", "pools:\n  - announce: {expired: a.wav}\n", `f:2:16: expected a known key`},
		{"redirected to no number", "pools:\n  - redirect_to: +112\n", `f:2:18: expected a number as + and 7 to 15 digits`},
		{"redirected, and nobody says where", carrier + "pools:\n  - {name: p, trunk: carrier, dids: [+15550100000], unknown_caller: redirect}\n",
			`f:4:6: pools[0].redirect_to: expected a number`},
		{"a number to redirect to, and nobody is redirected", carrier + "pools:\n  - {name: p, trunk: carrier, dids: [+15550100000], redirect_to: +15550199000}\n",
			`f:4:66: pools[0].redirect_to: expected unknown_caller: redirect`},
		{"redirected to ourselves", carrier + "pools:\n  - {name: p, trunk: carrier, dids: [+15550100000..+15550100009], unknown_caller: redirect, redirect_to: +15550100005}\n",
			`f:4:106: pools[0].redirect_to: expected none of our DIDs`},
		{"redirected to nobody", "pools:\n  - redirect_to: someone\n", `f:2:18: expected a number as + and 7 to 15 digits, and no emergency number`},
		{"on exhaustion", "pools:\n  - on_exhaustion: panic\n", `f:2:20: expected reject or shorten_cooldown`},
		{"cool-down below nothing", "pools:\n  - cool_down_seconds: -1\n", `f:2:24: expected seconds from 0 to 31622400`},
		{"cool-down of words", "pools:\n  - cool_down_seconds: 1h\n", `f:2:24: expected seconds from 0`},
		{"floor above the cool-down", "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000], cool_down_floor_seconds: 1}\n",
			`pools[0].cool_down_floor_seconds: expected no more than cool_down_seconds`},
		{"more than all", "pools:\n  - low_percent: 91\n", `f:2:18: expected percent from 0 (off) to 90`},
		{"too many pairs", "pools:\n  - max_pairs: 1000001\n", `f:2:16: expected a number from 0 (no limit) to 1000000`},
		{"DID in two pools", "pools:\n  - {name: a, trunk: carrier, dids: [+15550100000..+15550100009]}\n  - {name: b, trunk: carrier, dids: [+15550100005]}\n",
			`f:3:38: pools[1].dids[0]: expected DIDs that are in no pool yet`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Parse("f", []byte(test.text))
			if err == nil {
				t.Fatal("accepted")
			}
			if got := err.Error(); !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("error = %q\n want = %q", got, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(carrier))
	f.Add([]byte("sip: {listen: [udp://127.0.0.1:5060]}"))
	f.Add([]byte("pools:\n - dids: [+1555010..+1555019]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := config.Parse("f", text)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error of more than one line: %q", err)
		}
	})
}
