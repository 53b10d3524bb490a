package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
)

func TestAnAccountReadsBackAndItsPasswordIsNotThere(t *testing.T) {
	want, err := config.Parse("f", []byte(`
trunks:
  - {name: one, accept: [192.0.2.0/24], gateways: ["sip:gw.example.net:5060"],
     auth: {username: account7, password_file: var/one.password, realm: carrier.example},
     register: {aor: sip:account7@carrier.example, contact: "+15550100000", registrar: "sip:gw.example.net:5080", expires_seconds: 600}}
  - {name: two, accept: [198.51.100.0/24], gateways: ["sip:198.51.100.1:5060"],
     auth: {username: account8, password_credential: two}, register: {aor: sip:account8@198.51.100.1}}
pools:
  - {name: p, trunk: one, dids: [+15550100000]}
`))
	if err != nil {
		t.Fatal(err)
	}
	leftOut := config.Register{Registrar: config.Gateway{Network: "udp", Host: "198.51.100.1", Port: 5060},
		AOR: config.AOR{User: "account8", Host: "198.51.100.1"}, Contact: "account8", Expires: 3600}
	if got := *want.Trunks[1].Register; got != leftOut {
		t.Errorf("what a registration leaves out = %+v, want %+v", got, leftOut)
	}
	text, err := want.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse("printed", text)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		t.Errorf("differs after printing:\n%s\n%s", diff, text)
	}
}

func TestABadAccountSaysWhere(t *testing.T) {
	const before = "trunks:\n  - name: a\n    accept: [127.0.0.0/8]\n    gateways: [\"sip:127.0.0.1:5070\"]\n"
	for _, test := range []struct{ name, text, want string }{
		{"a password in the file", "    auth: {username: a, password: b}\n", `f:5:25: expected a known key, found an unknown field "password"`},
		{"no name", "    auth: {password_file: a}\n", `trunks[0].auth.username: expected the name of the account`},
		{"no password", "    auth: {username: a}\n", `trunks[0].auth: expected either password_file or password_credential`},
		{"two passwords", "    auth: {username: a, password_file: b, password_credential: c}\n", `expected either password_file or password_credential`},
		{"a name with a quote", "    auth: {username: 'a\"', password_file: b}\n", `f:5:22: expected a text without quotes`},
		{"a realm with a line end", "    auth: {username: a, realm: \"r\\nX\", password_file: b}\n", `expected a text without quotes`},
		{"a credential in another place", "    auth: {username: a, password_credential: ../b}\n", `expected a name without slashes`},
		{"no address of record", "    register: {contact: a}\n", `trunks[0].register.aor: expected sip:USER@HOST`},
		{"an address without user", "    register: {aor: sip:a}\n", `f:5:21: expected sip:USER@HOST`},
		{"an address with a port", "    register: {aor: sip:a@b:5060}\n", `f:5:21: expected sip:USER@HOST`},
		{"a contact with a host", "    register: {aor: sip:a@b, contact: a@b}\n", `f:5:39: expected a user part`},
		{"too brief", "    register: {aor: sip:a@b, expires_seconds: 59}\n", `f:5:47: expected seconds from 60 to 86400`},
		{"too long", "    register: {aor: sip:a@b, expires_seconds: 86401}\n", `expected seconds from 60 to 86400`},
		{"a registrar elsewhere", "    register: {aor: sip:a@b, registrar: \"sip:127.0.0.2:5060\"}\n",
			`f:5:41: trunks[0].register.registrar: expected the host and transport of one of the trunk's gateways`},
	} {
		_, err := config.Parse("f", []byte(before+test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error = %v, want %s", test.name, err, test.want)
		}
	}
}
