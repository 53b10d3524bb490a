package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// dispatcher is an integrator's decision hook: it connects rides in Pune, and
// knows whose party a stranger is.
type dispatcher struct {
	mu       sync.Mutex
	stranger string // the interaction that is his
	asked    []string
}

func (d *dispatcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	text := string(body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, text)
	switch {
	case strings.Contains(text, `"event":"unknown_caller"`) && d.stranger != "":
		_, _ = io.WriteString(w, `{"decision":"connect","interaction":"`+d.stranger+`"}`)
	case strings.Contains(text, `"city":"Pune"`):
		_, _ = io.WriteString(w, `{"decision":"connect"}`)
	default:
		_, _ = io.WriteString(w, `{"decision":"refuse"}`)
	}
}

// knows lets the hook know whose the stranger is.
func (d *dispatcher) knows(interaction string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stranger = interaction
}

// phoneOf returns a phone on SIP's port of the host.
func (s *site) phoneOf(t *testing.T, host netip.Addr, number string) *siptest.Phone {
	t.Helper()
	phone := siptest.PlugIn(bind(t, host), siptest.Identity{Number: number, Name: "Somebody", Host: "phone.invalid", Session: "s", Port: 40000, Codecs: "8 101"},
		netip.AddrPortFrom(s.addr(1), 5060))
	t.Cleanup(phone.Close)
	return phone
}

// TestTheHookDecidesEndToEnd asks a hook over HTTP about calls over UDP.
func TestTheHookDecidesEndToEnd(t *testing.T) {
	t.Parallel()
	hook := &dispatcher{}
	server := httptest.NewServer(hook)
	defer server.Close()
	s := newSite(t, line{name: "hooked", transport: "udp"})
	s.write(t, "hook.key", "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE=\n")
	s.write(t, "maskd.yaml", strings.Replace(s.configuration(), "{name: hooked, ", "{name: hooked, unknown_caller: hook, ", 1)+
		"hook: {url: \""+server.URL+"/decide\", key_file: hook.key, timeout_ms: 5000}\n")
	s.start(t)
	l := s.line("hooked")
	a, b := l.number('a', 0), l.number('b', 0)
	made := func(city, a, last string) admin.Interaction { // whose A dials a DID that no other does
		return read[admin.Interaction](t, s.maskd(t, "a="+a+"\nb="+b+"\n", "interaction", "create", "--json", "--pool", l.name,
			"--hook", "--label", "city="+city, "--strict", "--prefer-a", l.did[:len(l.did)-2]+last))
	}
	caller, callee := s.phoneOf(t, l.caller, a), s.phoneOf(t, l.callee, b)

	refused, connected := made("Goa", a, "71"), made("Pune", a, "72")
	caller.Invite(refused.Parties.A.Dial)
	awaits(t, caller, "404")
	caller.Invite(connected.Parties.A.Dial)
	awaits(t, callee, "INVITE")
	callee.Respond(486, "Busy Here")
	awaits(t, caller, "486")

	other := made("Pune", l.number('a', 1), "73") // who calls from a phone that nobody knows
	caller.Invite(other.Parties.A.Dial)
	awaits(t, caller, "404")
	hook.knows(other.ID)
	caller.Invite(other.Parties.A.Dial)
	awaits(t, callee, "INVITE")
	callee.Respond(486, "Busy Here")
	awaits(t, caller, "486")

	s.stop(t)
	expectNoNumber(t, strings.Join(hook.asked, "\n"), a[1:], b[1:], l.number('a', 1)[1:])
	if len(hook.asked) != 4 {
		t.Errorf("the hook was asked %d times:\n%s", len(hook.asked), strings.Join(hook.asked, "\n"))
	}
	if strings.Contains(s.log.String(), "/decide") {
		t.Error("the log holds the hook's URL")
	}
}

func awaits(t *testing.T, p *siptest.Phone, name string) {
	t.Helper()
	if _, err := p.Await(name); err != nil {
		t.Fatal(err)
	}
}

func expectNoNumber(t *testing.T, text string, numbers ...string) {
	t.Helper()
	for _, n := range numbers {
		if strings.Contains(text, n) {
			t.Errorf("the hook was told %s in\n%s", n, text)
		}
	}
}
