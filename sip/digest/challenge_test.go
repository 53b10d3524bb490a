package digest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestChallengesAsTheyCome(t *testing.T) {
	for _, row := range []struct {
		name, value string
		want        Challenge
	}{
		{"the usual", `Digest realm="r", nonce="n", qop="auth", algorithm=MD5`, Challenge{Realm: "r", Nonce: "n", Algorithm: MD5, Auth: true}},
		{"the least", `Digest realm="r",nonce="n"`, Challenge{Realm: "r", Nonce: "n", Algorithm: MD5}},
		{"other cases", `dIGEST Realm="r",NONCE="n",Algorithm=sha-256,QOP=AUTH,Stale=TRUE`,
			Challenge{Realm: "r", Nonce: "n", Algorithm: SHA256, Auth: true, Stale: true}},
		{"quoted algorithm and stale", `Digest realm="r", nonce="n", algorithm="MD5", stale="false"`, Challenge{Realm: "r", Nonce: "n", Algorithm: MD5}},
		{"spaces and empty members", "  Digest  ,realm = \"r\" ,, nonce\t=\t\"n\" , ", Challenge{Realm: "r", Nonce: "n", Algorithm: MD5}},
		{"commas and equals in quotes", `Digest realm="a, nonce=b", nonce="n=="`, Challenge{Realm: "a, nonce=b", Nonce: "n==", Algorithm: MD5}},
		{"an empty realm", `Digest realm="", nonce="n"`, Challenge{Nonce: "n", Algorithm: MD5}},
		{"what nobody knows", `Digest realm="r", nonce="n", domain="sip:x sip:y", charset=UTF-8, x=1`, Challenge{Realm: "r", Nonce: "n", Algorithm: MD5}},
		{"auth beside auth-int", `Digest realm="r", nonce="n", qop="auth-int , auth"`, Challenge{Realm: "r", Nonce: "n", Algorithm: MD5, Auth: true}},
		{"a session", `Digest realm="r", nonce="n", qop="auth", algorithm=SHA-512-256-sess, opaque="o", userhash=true`,
			Challenge{Realm: "r", Nonce: "n", Opaque: "o", Algorithm: SHA512256Sess, Auth: true, Userhash: true}},
	} {
		got, err := ParseChallenge(row.value)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if diff := cmp.Diff(row.want, got, cmpopts.IgnoreUnexported(Challenge{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestChallengesThatAreNotAnswered(t *testing.T) {
	for _, row := range []struct {
		name, value string
		want        error
	}{
		{"nothing", "", ErrUnsupported},
		{"another scheme", `Basic realm="r"`, ErrUnsupported},
		{"an unknown algorithm", `Digest realm="r", nonce="n", algorithm=AKAv1-MD5`, ErrUnsupported},
		{"integrity alone", `Digest realm="r", nonce="n", qop="auth-int"`, ErrUnsupported},
		{"a session without a nonce of ours", `Digest realm="r", nonce="n", algorithm=MD5-sess`, ErrUnsupported},
		{"no realm", `Digest nonce="n"`, ErrChallenge},
		{"no nonce", `Digest realm="r"`, ErrChallenge},
		{"two realms", `Digest realm="r", nonce="n", realm="s"`, ErrChallenge},
		{"an open quote", `Digest realm="r", nonce="n`, ErrChallenge},
		{"an open escape", `Digest realm="r", nonce="n\`, ErrChallenge},
		{"an escaped line end", "Digest realm=\"r\\\n\", nonce=\"n\"", ErrChallenge},
		{"a line end", "Digest realm=\"r\nX: y\", nonce=\"n\"", ErrChallenge},
		{"a line end unquoted", "Digest realm=r\nX, nonce=\"n\"", ErrChallenge},
		{"no comma", `Digest realm="r" nonce="n"`, ErrChallenge},
		{"a name alone", `Digest realm="r", nonce`, ErrChallenge},
		{"no value", `Digest realm="r", nonce="n", opaque=`, ErrChallenge},
		{"too long", `Digest realm="r", nonce="` + strings.Repeat("n", maxText) + `"`, ErrChallenge},
		{"too many", `Digest realm="r", nonce="n"` + many(maxParameters), ErrChallenge},
	} {
		if _, err := ParseChallenge(row.value); !errors.Is(err, row.want) {
			t.Errorf("%s: error = %v, want %v", row.name, err, row.want)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(", x" + strings.Repeat("x", i) + "=1")
	}
	return b.String()
}

func TestTheStrongestOfTheRealmIsAnswered(t *testing.T) {
	md5, sha := `Digest realm="r", nonce="md5"`, `Digest realm="r", nonce="sha", algorithm=SHA-256`
	longer, other := `Digest realm="r", nonce="longer", algorithm=SHA-512-256`, `Digest realm="s", nonce="other", algorithm=SHA-256`
	for _, row := range []struct {
		name   string
		values []string
		realm  string
		want   string
		err    error
	}{
		{"one", []string{md5}, "", "md5", nil},
		{"the stronger below", []string{md5, sha}, "", "sha", nil},
		{"the stronger above", []string{sha, md5}, "", "sha", nil},
		{"of equals the topmost", []string{longer, sha}, "", "longer", nil},
		{"of equals the topmost again", []string{sha, longer}, "", "sha", nil},
		{"one that we can't", []string{`Digest realm="r", nonce="x", algorithm=X`, md5}, "", "md5", nil},
		{"ours is weaker", []string{other, md5}, "r", "md5", nil},
		{"none is ours", []string{other}, "r", "", ErrRealm},
		{"a realm that begins as ours", []string{`Digest realm="r2", nonce="n"`}, "r", "", ErrRealm},
		{"none", nil, "", "", ErrChallenge},
	} {
		got, err := strongest(row.values, row.realm)
		if got.Nonce != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %q, %v; want %q, %v", row.name, got.Nonce, err, row.want, row.err)
		}
	}
}

// Whatever a peer writes, our answer is one line that reads back, and says of
// realm and nonce what the challenge said.
func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="r", nonce="n", qop="auth", algorithm=MD5`)
	f.Add(`Digest realm="a\"b", nonce="n", algorithm=SHA-256-sess, qop="auth,auth-int", opaque="", stale=true`)
	f.Add(`Digest realm=r, nonce=n/==, userhash=true`)
	f.Fuzz(func(t *testing.T, value string) {
		c, err := ParseChallenge(value)
		if err != nil {
			return
		}
		answer, err := NewSession(Account{Username: "bob", Password: NewPassword("zanzibar")}, c, "c").Authorize("INVITE", "sip:x")
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(answer, func(r rune) bool { return r < ' ' || r == 0x7f }) || strings.Contains(answer, "zanzibar") {
			t.Errorf("answered %q", answer)
		}
		params, err := parameters(strings.TrimPrefix(answer, "Digest "))
		if err != nil {
			t.Fatalf("answered %q, which can't be read", answer)
		}
		if params["realm"] != c.Realm || params["nonce"] != c.Nonce || params["opaque"] != c.Opaque {
			t.Errorf("answered %q to %+v", answer, c)
		}
	})
}
