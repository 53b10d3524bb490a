package digest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	gateway = netip.MustParseAddrPort("192.0.2.9:5060")
	other   = netip.MustParseAddrPort("192.0.2.10:5060")
)

// noon is when all happens where time is no matter.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func client(realm string) *Client {
	return NewClient(Account{Username: "bob", Password: NewPassword("zanzibar"), Realm: realm}, rand.Reader)
}

func challenge(realm, nonce, more string) []string {
	return []string{fmt.Sprintf(`Digest realm="%s", nonce="%s", qop="auth"%s`, realm, nonce, more)}
}

// sent returns nonce and count of what a request is sent with.
func sent(x *Exchange, p Place) string {
	value := x.Credentials(p, "INVITE", "sip:x")
	if value == "" {
		return ""
	}
	params, _ := parameters(strings.TrimPrefix(value, "Digest "))
	return params["nonce"] + " " + params["nc"]
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: sent with %q, want %q", what, got, want)
	}
}

func TestANonceIsUsedAgain(t *testing.T) {
	c := client("")
	first := c.Exchange(gateway)
	expect(t, "never asked", sent(first, Server), "")
	if err := first.Challenged(Server, challenge("r", "n1", ""), noon); err != nil {
		t.Fatal(err)
	}
	expect(t, "asked", sent(first, Server), "n1 00000001")
	expect(t, "not accepted yet", sent(c.Exchange(gateway), Server), "")
	first.Accepted(Server, "")
	second := c.Exchange(gateway)
	expect(t, "the next request", sent(second, Server), "n1 00000002")
	expect(t, "to a proxy", sent(second, Proxy), "")
	expect(t, "to another peer", sent(c.Exchange(other), Server), "")
	second.Accepted(Server, `qop=auth, nextnonce="n2"`)
	expect(t, "with the next nonce", sent(c.Exchange(gateway), Server), "n2 00000001")
}

// Some servers give all who ask within a second the same nonce.
func TestRequestsWithTheSameNonceShareItsCount(t *testing.T) {
	c := client("")
	first, second, third := c.Exchange(gateway), c.Exchange(gateway), c.Exchange(gateway)
	for _, x := range []*Exchange{first, second} {
		if err := x.Challenged(Server, challenge("r", "n1", ""), noon); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "the first", sent(first, Server), "n1 00000001")
	expect(t, "the second", sent(second, Server), "n1 00000002")
	_ = third.Challenged(Server, challenge("r", "n2", ""), noon)
	expect(t, "another nonce", sent(third, Server), "n2 00000001")
}

func TestWhoIsAnsweredAgain(t *testing.T) {
	type ask struct {
		place Place
		nonce string
		more  string
		want  error
	}
	const stale = ", stale=true"
	for _, row := range []struct {
		name string
		kept bool // a nonce is kept from a request before
		asks []ask
	}{
		{"the password is wrong", false, []ask{{Server, "n1", "", nil}, {Server, "n2", "", ErrRefused}}},
		{"the nonce is too old", false, []ask{{Server, "n1", "", nil}, {Server, "n2", stale, nil}, {Server, "n3", "", ErrRefused}}},
		{"the same nonce is too old", false, []ask{{Server, "n1", "", nil}, {Server, "n1", stale, ErrRefused}}},
		{"a kept nonce is too old", true, []ask{{Server, "n1", stale, nil}, {Server, "n2", "", ErrRefused}}},
		{"a kept nonce is refused without a word", true, []ask{{Server, "n1", "", nil}, {Server, "n2", "", ErrRefused}}},
		{"a proxy, then the server", false, []ask{{Proxy, "p1", "", nil}, {Server, "n1", "", nil}}},
		{"for ever too old", false, []ask{{Server, "n1", stale, nil}, {Server, "n2", stale, nil}, {Server, "n3", stale, nil}, {Server, "n4", stale, ErrRefused}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := client("r")
			if row.kept {
				before := c.Exchange(gateway)
				if err := before.Challenged(Server, challenge("r", "n0", ""), noon); err != nil {
					t.Fatal(err)
				}
				before.Accepted(Server, "")
			}
			x := c.Exchange(gateway)
			for i, a := range row.asks {
				if err := x.Challenged(a.place, challenge("r", a.nonce, a.more), noon); !errors.Is(err, a.want) {
					t.Fatalf("challenge %d: error = %v, want %v", i+1, err, a.want)
				}
				if a.want == nil {
					expect(t, a.nonce, sent(x, a.place), a.nonce+" 00000001")
				}
			}
		})
	}
}

func TestAProxyAndAServerAreAnsweredAtOnce(t *testing.T) {
	x := client("").Exchange(gateway)
	for place, nonce := range map[Place]string{Proxy: "proxy", Server: "server"} {
		if err := x.Challenged(place, challenge("r", nonce, ""), noon); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "proxy", sent(x, Proxy), "proxy 00000001")
	expect(t, "server", sent(x, Server), "server 00000001")
}

// CVE-2021-41158: a stranger who can get a challenge through to us has it
// answered with the password of a trunk.
func TestOnlyTheRealmOfTheAccountIsAnswered(t *testing.T) {
	named := client("carrier").Exchange(gateway)
	if err := named.Challenged(Server, challenge("attacker", "n", ""), noon); !errors.Is(err, ErrRealm) {
		t.Errorf("error = %v", err)
	}
	expect(t, "a stranger's realm", sent(named, Server), "")
}

func TestTheRealmThatIsLearntIsTheOnlyOne(t *testing.T) {
	c := client("")
	early := c.Exchange(gateway)
	_ = early.Challenged(Server, challenge("elsewhere", "n", ""), noon)
	first := c.Exchange(gateway)
	_ = first.Challenged(Server, challenge("carrier", "n", ""), noon)
	if err := first.Challenged(Proxy, challenge("attacker", "n", ""), noon); !errors.Is(err, ErrRealm) {
		t.Errorf("another within one request: error = %v", err)
	}
	first.Accepted(Server, "")
	early.Accepted(Server, "")
	expect(t, "of another that was on its way", sent(c.Exchange(gateway), Server), "n 00000001")
	for port := range uint16(2 * maxKept) { // so many that the sessions are forgotten
		x := c.Exchange(netip.AddrPortFrom(other.Addr(), port))
		_ = x.Challenged(Server, challenge("carrier", "n", ""), noon)
		x.Accepted(Server, "")
	}
	for name, x := range map[string]*Exchange{
		"at the same door": c.Exchange(gateway), "at another": c.Exchange(other), "in a dialog": c.ExchangeWithin(gateway),
	} {
		for place := Server; place < places; place++ {
			if err := x.Challenged(place, challenge("attacker", "n", ""), noon); !errors.Is(err, ErrRealm) {
				t.Errorf("%s, by the %s: error = %v", name, place, err)
			}
		}
	}
}

func TestNoRealmIsLearntWithinADialog(t *testing.T) {
	c := client("")
	x := c.ExchangeWithin(gateway)
	if err := x.Challenged(Server, challenge("attacker", "n", ""), noon); !errors.Is(err, ErrRealm) {
		t.Errorf("error = %v", err)
	}
	expect(t, "the far end's realm", sent(x, Server), "")
	first := c.Exchange(gateway)
	_ = first.Challenged(Server, challenge("carrier", "n", ""), noon)
	first.Accepted(Server, "")
	if err := c.ExchangeWithin(gateway).Challenged(Proxy, challenge("carrier", "p", ""), noon); err != nil {
		t.Errorf("the carrier's: error = %v", err)
	}
}

func TestSessionsKeptAreBounded(t *testing.T) {
	c := client("r")
	for port := range uint16(3 * maxKept) {
		x := c.Exchange(netip.AddrPortFrom(gateway.Addr(), port))
		_ = x.Challenged(Server, challenge("r", "n", ""), noon)
		x.Accepted(Server, "")
	}
	if len(c.doors) > maxKept {
		t.Errorf("%d sessions are kept", len(c.doors))
	}
}

func TestManyRequestsAtOnceHaveCountsOfTheirOwn(t *testing.T) {
	c := client("r")
	x := c.Exchange(gateway)
	_ = x.Challenged(Server, challenge("r", "n", ""), noon)
	x.Accepted(Server, "")
	var wg sync.WaitGroup
	var seen sync.Map
	for range 64 {
		wg.Go(func() {
			if _, twice := seen.LoadOrStore(sent(c.Exchange(gateway), Server), true); twice {
				t.Error("a count was used twice")
			}
		})
	}
	wg.Wait()
}

func TestAPasswordIsNeverPrinted(t *testing.T) {
	account := Account{Username: "bob", Password: NewPassword("zanzibar")}
	text, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	printed := string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%T"} {
		printed += fmt.Sprintf(verb, account) + fmt.Sprintf(verb, &account) + fmt.Sprintf(verb, account.Password)
	}
	printed += fmt.Sprint(account.Password) + account.Password.String()
	for _, secret := range []string{"zanzibar", fmt.Sprintf("%x", "zanzibar")} {
		if strings.Contains(printed, secret) {
			t.Errorf("printed: %s", printed)
		}
	}
}
