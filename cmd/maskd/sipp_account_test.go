package main

import (
	"strings"
	"testing"
)

// accountLine is the line whose callees' carrier knows us by an account.
const accountLine = "account"

// TestACarrierThatAsksWhoCallsEndToEnd: sipp checks our credentials by its own
// reading of the RFCs.
func TestACarrierThatAsksWhoCallsEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: accountLine, transport: "udp", account: `,
     auth: {username: maskd-account, password_file: account.password, realm: tamarin.example},
     register: {aor: sip:maskd-account@tamarin.example, registrar: "sip:REGISTRAR:5080"}`})
	l := s.line(accountLine)
	s.write(t, "maskd.yaml", strings.ReplaceAll(s.configuration(), "REGISTRAR", l.callee.String()))
	s.write(t, "account.password", "zanzibar\n")
	s.writeSound(t)
	registrar := s.agent(t, l, "registrar_asks_who_registers", l.callee, "-p", "5080", "-m", "1")
	s.start(t)

	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	callee := s.callee(t, l, "callee_asks_who_calls", l.number('b', 0), 1)
	caller := s.caller(t, l, "caller_hangs_up", [][2]string{{l.number('a', 0), i.Parties.A.Dial}}, 1, "-d", "1000")
	caller.wait(t)
	callee.wait(t)
	s.expectCDRs(t, l, "answered by caller 200")
	s.stop(t)
	registrar.wait(t)

	log := s.log.String()
	if !strings.Contains(log, "trunk registered") || strings.Contains(log, "zanzibar") {
		t.Errorf("log:\n%s", log)
	}
	noNumberInFiles(t, s)
}
