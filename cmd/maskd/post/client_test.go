package post_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"maskd/cmd/maskd/post"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE="

func key(t testing.TB) post.Key {
	t.Helper()
	k, err := post.ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhatIsAKey(t *testing.T) {
	for text, want := range map[string]bool{
		secret: true, "": false, "whsec_": false, secret[6:]: false, "whsec_c2hvcnQ=": false, "whsec_" + strings.Repeat("A", 92): false,
		"whsec_" + strings.Repeat("A", 32): true, secret + "!": false,
	} {
		if _, err := post.ParseKey(text); (err == nil) != want {
			t.Errorf("%q is a key: %v", text, err)
		}
	}
	k := key(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if printed := fmt.Sprintf(verb, k); printed != "(key)" {
			t.Errorf("%s prints %s", verb, printed)
		}
	}
	if text, _ := json.Marshal(k); string(text) != "{}" {
		t.Errorf("as JSON it is %s", text)
	}
}

// A signature that openssl has made of the same: printf 'msg_1.1800000000.{}' |
// openssl dgst -sha256 -mac HMAC -macopt hexkey:... -binary | base64
func TestASignatureIsThatOfOthers(t *testing.T) {
	if got := post.Sign(key(t), "msg_1", "1800000000", []byte("{}")); got != "v1,zyzMyYTGyOBImll/LAIwgYECjYSfaeRHKyFbROB/QDY=" {
		t.Errorf("signed %s", got)
	}
}

// The environment's proxy is not asked on the way.
func TestNoProxyIsAsked(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
	c := post.New(post.Options{URL: "https://192.0.2.2/", Key: key(t)})
	defer c.Close()
	if post.AsksProxy(c) {
		t.Error("a proxy is asked")
	}
}

// Nobody but who is configured hears a message: a redirection is an answer.
func TestNoRedirectionIsFollowed(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c := post.New(post.Options{URL: server.URL, Key: key(t)})
	defer c.Close()
	res, err := c.Post(t.Context(), "msg_1", []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusTemporaryRedirect || followed {
		t.Errorf("status %d, followed: %v", res.StatusCode, followed)
	}
}
