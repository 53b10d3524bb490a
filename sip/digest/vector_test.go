package digest

import (
	"strings"
	"testing"
)

// answered is the part of an answer that a test asks for.
func answered(t *testing.T, s *Session, method, uri, name string) string {
	t.Helper()
	value, err := s.Authorize(method, uri)
	if err != nil {
		t.Fatal(err)
	}
	params, err := parameters(strings.TrimPrefix(value, "Digest "))
	if err != nil {
		t.Fatalf("our own answer can't be read: %s", value)
	}
	return params[name]
}

// The examples of RFC 2617 section 3.5 and RFC 7616 section 3.9; of its second
// one the hashes as erratum 4897 has them. The rest was computed by another
// implementation of the formulae.
func TestAnswersAreThoseOfTheRFCs(t *testing.T) {
	const (
		dir     = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=`
		biloxi  = `realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", `
		cnonceA = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
		cnonceB = "0a4f113b"
	)
	for _, row := range []struct {
		name, username, password string
		challenge, cnonce        string
		method, uri, want        string
	}{
		{"RFC 2617", "Mufasa", "Circle Of Life",
			`realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			cnonceB, "GET", "/dir/index.html", "6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 MD5", "Mufasa", "Circle of Life", dir + "MD5", cnonceA, "GET", "/dir/index.html", "8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 SHA-256", "Mufasa", "Circle of Life", dir + "SHA-256", cnonceA, "GET", "/dir/index.html",
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{"RFC 7616 SHA-512-256", "J\u00e4s\u00f8n Doe", "Secret, or not?",
			`realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true`,
			"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", "GET", "/doe.json",
			"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
		{"MD5-sess", "bob", "zanzibar", biloxi + `qop="auth", algorithm=MD5-sess`, cnonceB, "INVITE", "sip:bob@biloxi.com", "e4e4ea61d186d07a92c9e1f6919902e9"},
		{"SHA-256-sess", "bob", "zanzibar", biloxi + `qop="auth", algorithm=sha-256-sess`, cnonceB, "INVITE", "sip:bob@biloxi.com", "5da59c9ca40954be9d5063a15a174066c8251be2c10cf47c144c366dc7daf792"},
		{"SHA-512-256-sess", "bob", "zanzibar", biloxi + `qop="auth", algorithm=SHA-512-256-sess`, cnonceB, "INVITE", "sip:bob@biloxi.com", "077d9677be83f41f162d1a4453dc163389919f81e5927391d972f477da767633"},
		{"MD5 without qop (RFC 2069)", "bob", "zanzibar", biloxi, cnonceB, "INVITE", "sip:bob@biloxi.com", "bf57e4e0d0bffc0fbaedce64d59add5e"},
		{"SHA-256 without qop", "bob", "zanzibar", biloxi + `algorithm="SHA-256"`, cnonceB, "INVITE", "sip:bob@biloxi.com", "38aad98c50c33abe72c5f88dd17246ffcfa6b1f68852c855719ff0659386c0ca"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := ParseChallenge("Digest " + row.challenge)
			if err != nil {
				t.Fatal(err)
			}
			s := NewSession(Account{Username: row.username, Password: NewPassword(row.password)}, c, row.cnonce)
			if got := answered(t, s, row.method, row.uri, "response"); got != row.want {
				t.Errorf("response = %s, want %s", got, row.want)
			}
		})
	}
}

func TestAnAnswerSaysWhatTheChallengeSaid(t *testing.T) {
	c, err := ParseChallenge(`Digest realm="a \"b\"", nonce="n", opaque="o\\p", qop=auth, algorithm=SHA-256, userhash=true`)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(Account{Username: "bob", Password: NewPassword("p")}, c, "c")
	want := []string{`Digest username="` + SHA256.sum("bob", `a \"b\"`) + `"`, `realm="a \"b\""`, `nonce="n"`, `uri="sip:x@y;p=1"`,
		`cnonce="c"`, "nc=00000001", "qop=auth", "algorithm=SHA-256", `opaque="o\\p"`, "userhash=true"}
	got, err := s.Authorize("BYE", "sip:x@y;p=1")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range want {
		if !strings.Contains(got, part) {
			t.Errorf("%s\nis without %s", got, part)
		}
	}
	c.named = false
	if got, _ := NewSession(Account{}, c, "c").Authorize("BYE", "sip:x"); strings.Contains(got, "algorithm") {
		t.Errorf("an algorithm that nobody named: %s", got)
	}
}

func TestTheCountRisesWithEachAnswer(t *testing.T) {
	c, _ := ParseChallenge(`Digest realm="r", nonce="n", qop="auth"`)
	s := NewSession(Account{Username: "bob"}, c, "c")
	responses := make(map[string]bool)
	for _, want := range []string{"00000001", "00000002", "00000003"} {
		value, _ := s.Authorize("BYE", "sip:x")
		if !strings.Contains(value, "nc="+want) {
			t.Errorf("%s is not of count %s", value, want)
		}
		responses[value] = true
	}
	if len(responses) != 3 {
		t.Error("two answers are alike")
	}
}

func TestAURIThatNoQuotesHoldIsNotAnswered(t *testing.T) {
	c, _ := ParseChallenge(`Digest realm="r", nonce="n"`)
	for _, uri := range []string{`sip:a"@b`, `sip:a\@b`, "sip:a\r\nX: y@b"} {
		if _, err := NewSession(Account{}, c, "c").Authorize("BYE", uri); err == nil {
			t.Errorf("%q is quoted", uri)
		}
	}
}
