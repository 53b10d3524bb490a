package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hidden makes a proxy hide its network: Via, Record-Route and Contact become
// words of its own.
const hidden = `loadmodule "topoh.so"
modparam("topoh", "mask_key", "a carrier's own")
modparam("topoh", "mask_ip", "MASK")
modparam("topoh", "mask_callid", 1)`

// proxy starts Kamailio at a host, with what begins a dialog sent to next.
func (s *site) proxy(t *testing.T, host netip.Addr, next, modules string) {
	t.Helper()
	template, err := os.ReadFile("../../testdata/kamailio/proxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	dir := s.path("kamailio-" + host.String())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("HOST", host.String(), "NEXT", next, "MODULES", strings.ReplaceAll(modules, "MASK", s.addr(90).String()))
	file := filepath.Join(dir, "proxy.cfg")
	if err := os.WriteFile(file, []byte(fill.Replace(string(template))), 0o600); err != nil {
		t.Fatal(err)
	}
	said := new(bytes.Buffer)
	// In the foreground, with little memory: it has a few calls to carry.
	command := exec.Command("kamailio", "-DD", "-E", "-f", file, "-w", dir, "-Y", dir, "-m", "16", "-M", "4")
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has children
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // what it has left of itself
		if t.Failed() {
			t.Logf("kamailio at %s said:\n%s", host, said)
		}
	})
	await(t, "kamailio at "+host.String(), func() bool { return bound(t, "udp", host) && bound(t, "tcp", host) })
}

// proxied is a call by way of a proxy on each side.
type proxied struct {
	talk
	modules string // of both proxies
}

var proxieds = []proxied{
	{talk: talk{name: "proxied-caller-hangs-up", transport: "udp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 1, calls: 1, want: "answered by caller 200", answered: true, seconds: 2}},
	{talk: talk{name: "proxied-callee-hangs-up", transport: "udp", caller: "caller_is_hung_up", callee: "callee_hangs_up",
		pairs: 1, calls: 1, want: "answered by callee 200", answered: true, seconds: 2}},
	{talk: talk{name: "proxied-busy", transport: "udp", caller: "caller_meets_busy", callee: "callee_is_busy",
		pairs: 1, calls: 1, want: "busy by callee 486"}},
	{talk: talk{name: "proxied-cancel", transport: "udp", caller: "caller_cancels", callee: "callee_is_cancelled",
		pairs: 1, calls: 1, want: "cancelled by caller 487"}},
	// Between its two transports a proxy is in the path twice (RFC 5658).
	{talk: talk{name: "proxied-twice-caller", transport: "tcp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 1, calls: 1, want: "answered by caller 200", answered: true, seconds: 2}},
	{talk: talk{name: "proxied-twice-callee", transport: "tcp", caller: "caller_is_hung_up", callee: "callee_hangs_up",
		pairs: 1, calls: 1, want: "answered by callee 200", answered: true, seconds: 2}},
	{talk: talk{name: "proxied-hidden-caller", transport: "udp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 1, calls: 1, want: "answered by caller 200", answered: true, seconds: 2}, modules: hidden},
	{talk: talk{name: "proxied-hidden-callee", transport: "udp", caller: "caller_is_hung_up", callee: "callee_hangs_up",
		pairs: 1, calls: 1, want: "answered by callee 200", answered: true, seconds: 2}, modules: hidden},
}

// TestCallsThroughProxies has Kamailio between maskd and sipp on both sides: it
// records its route, so that maskd must route loosely, and answers 404 to what
// does not.
func TestCallsThroughProxies(t *testing.T) {
	t.Parallel()
	var lines []line
	for _, k := range proxieds {
		lines = append(lines, line{name: k.name, transport: "udp"}) // of maskd's side
	}
	s := newSite(t, lines...)
	s.writeSound(t)
	s.start(t)
	w := s.witness(t)
	t.Run("calls", func(t *testing.T) {
		for _, k := range proxieds {
			t.Run(k.name, func(t *testing.T) { t.Parallel(); s.talkThroughProxies(t, k) })
		}
	})
	if t.Failed() {
		return
	}
	w.mark(t, "the calls are over")
	packets, _ := w.before(w.dismiss(t), "the calls are over")
	for _, k := range proxieds {
		if k.answered {
			t.Run(k.name+" on the wire", func(t *testing.T) { routedLoosely(t, s, k, packets) })
		}
	}
	t.Run("no leak", func(t *testing.T) { noLeakBehindProxies(t, s, packets) })
}

func (s *site) talkThroughProxies(t *testing.T, k proxied) {
	l := s.line(k.name)
	phones := s.behind(l, k.transport)
	s.proxy(t, l.caller, fmt.Sprintf("sip:%s:5060", s.addr(1)), k.modules)
	s.proxy(t, l.callee, fmt.Sprintf("sip:%s:5060;transport=%s", phones.callee, phones.transport), k.modules)
	s.playTalk(t, k.talk, phones)
}

// routedLoosely expects that each request of maskd's within a dialog went to the
// proxy with its Routes, and was for the phone behind it (RFC 3261 section
// 12.2.1.1): the ACK and perhaps a BYE to the callee, only a BYE to the caller.
func routedLoosely(t *testing.T, s *site, k proxied, packets []seen) {
	l := s.line(k.name)
	routes := 1
	if k.transport != "udp" {
		routes = 2
	}
	within := 0
	for _, p := range packets {
		if p.from.Addr() != s.addr(1) || !strings.HasPrefix(p.sip, "ACK ") && !strings.HasPrefix(p.sip, "BYE ") {
			continue
		}
		if p.to.Addr() != l.caller && p.to.Addr() != l.callee {
			continue
		}
		within++
		if n := strings.Count(string(p.payload), "\r\nRoute: <sip:"); n != routes {
			t.Errorf("packet %d, %q, has %d routes, want %d", p.number, p.sip, n, routes)
		}
		if strings.Contains(p.sip, "@"+p.to.Addr().String()) {
			t.Errorf("packet %d, %q, is for the proxy itself", p.number, p.sip)
		}
	}
	if within < 2 {
		t.Errorf("%d requests were seen, want an ACK and a BYE", within)
	}
}

// noLeakBehindProxies searches what reached each side for what is the other's,
// the hosts behind the proxies included.
func noLeakBehindProxies(t *testing.T, s *site, packets []seen) {
	callers, callees := callerHosts(s), calleeHosts(s)
	ofA, ofB := ofCallers(s), ofCallees(s)
	for _, k := range proxieds {
		phones := s.behind(s.line(k.name), k.transport)
		callers, callees = append(callers, phones.caller), append(callees, phones.callee)
		ofA.Address(phones.caller)
		ofB.Address(phones.callee)
	}
	for _, leak := range leaks(packets, s.addr(1), callees, ofA) {
		t.Errorf("of a caller, to a callee: %s", leak)
	}
	for _, leak := range leaks(packets, s.addr(1), callers, ofB) {
		t.Errorf("of a callee, to a caller: %s", leak)
	}
	for _, fault := range unclean(packets, s.addr(1)) {
		t.Errorf("not clean: %s", fault)
	}
}
