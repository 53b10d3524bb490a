package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maskd/sip/siptest"
)

// TestAThousandNumbersStayWhereTheyBelong plants a thousand numbers, uses every
// feature that there is through the real daemon, and searches all that the system ever
// wrote or sent, other than to whom it is about, for each of them in every spelling.
// Then a number is planted in each of these places, and must be found.
func TestAThousandNumbersStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	m := newMuster(t)
	tap := m.site.witnessOf(t, fmt.Sprintf("net %s/24 or %s", m.site.addr(0), m.six.filter()))
	m.site.start(t)
	unfollow := m.follow()
	hungUp := m.talkTooLong()
	for name, calls := range map[string]int{"crowd": 46, "streamed": 8, "sealed": 8, "named": 8} {
		m.callAround(m.site.line(name), calls)
	}
	m.callOverIPv6()
	m.refuse()
	m.meetOtherwise()
	m.meetByRules()
	m.sayOddly()
	m.record()
	m.hangUpAll()
	m.administer()
	m.typeCommands()
	m.readEverything()
	m.look()
	hungUp()
	unfollow()
	m.site.stop(t)
	m.sinks.add("log", m.site.log.Bytes())
	m.lookAfter()
	m.site.start(t)
	held := m.keepForCourt()
	m.useTheRest()
	m.command(exitOK, "", "drain")
	m.site.stop(t)
	m.sinks.add("log of another day", m.site.log.Bytes())
	m.age(held)
	m.crashEachWay()

	m.expectAllTyped()
	if m.left() > 0 {
		t.Errorf("%d numbers have no use", m.left())
	}
	sieve := siptest.NewSieve("91", m.numbers)
	m.expectHomes(sieve, tap.frames(t))
	m.sinks.expectSome(t, "log", "metrics", "captures of calls", "questions to the hook", "events to a webhook", "events that are followed", "names of files",
		"answers to commands", "answers to integrator", "answers to operator", "answers to auditor", "answers to admin", "answers to nobody",
		"answers to auditor"+sealed,
		"registrations", "questions to gateways", "questions to the name server",
		"process: cmdline", "process: environ", "process: threads", "process: open files", "sound, and what else was sent", "sound over IPv6, and what else was sent",
		"file var/maskd.db while it runs", "file var/maskd.keys while it runs", "file var/maskd.db.checkpoint while it runs", "file var/maskd.db after the stop")
	m.sinks.expectNone(t, sieve)
	m.sinks.expectTripped(t, sieve, m.numbers)
}

// newMuster writes the configuration of a daemon in which everything is switched on.
func newMuster(t *testing.T) *muster {
	t.Helper()
	s := newSite(t, line{name: "crowd"}, line{name: "aloud"}, line{name: "doubted"}, line{name: "strange"}, line{name: "sent"},
		line{name: "hooked"}, line{name: "taped"}, line{name: "allotted"}, line{name: "streamed", transport: "tcp"}, line{name: "named"},
		line{name: "sealed", transport: "tls", account: ", tls: {ca: ca.pem, names: [sealed.example], mutual: true}"},
		line{name: "account", account: `, auth: {username: maskd-account, password_file: account.password, realm: tamarin.example},
     register: {aor: sip:maskd-account@tamarin.example}`})
	m := &muster{
		T: t, site: s, numbers: thousandNumbers(), sinks: newSinks(), offices: make(map[string]*office),
		maskd: netip.AddrPortFrom(s.addr(1), 5060), homes: make(map[string][]netip.Addr), boards: make(map[netip.Addr]*switchboard),
		pages: make(map[[sha256.Size]byte]bool), told: make(map[leg]*bytes.Buffer), typed: make(map[string]bool), strangers: s.addr(200), authority: newCA(t),
	}
	s.write(t, "account.password", "zanzibar\n")
	s.write(t, "hi.wav", utterance('h'))
	for n := range s.lines { // DIDs of a length that the numbering plan has
		s.lines[n].did = fmt.Sprintf("+1555010%02d00", n)
	}
	m.six = newSixConnection(m)
	m.desk = m.take(s.line("sent").callee)
	c := m.authority
	s.write(t, "ca.pem", c.pem)
	s.writeKeypair(t, c, "maskd.example")
	m.board(s.line("account").callee) // who registers at start
	s.nameServer(t, "carrier.example. 5 IN NAPTR 1 1 \"s\" \"SIP+D2U\" \"\" _sip._udp.carrier.example.", "_sip._udp.carrier.example. 5 IN SRV 1 1 5060 gateway.carrier.example.",
		"gateway.carrier.example. 5 IN A "+s.line("named").callee.String(), "dispatch.example. 5 IN A 127.0.0.1")
	hook := httptest.NewServer(m.dispatcher())
	t.Cleanup(hook.Close)
	private := httptest.NewUnstartedServer(m.dispatcher())
	private.TLS = &tls.Config{Certificates: []tls.Certificate{c.issue(t, "dispatch.example")}}
	private.StartTLS()
	t.Cleanup(private.Close)
	s.write(t, "hook.key", "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE=\n")
	s.write(t, "maskd.yaml", m.configuration(hook.URL, strings.Replace(private.URL, "127.0.0.1", "dispatch.example", 1), m.auditorsKey()))
	m.offline(exitOK, "", "config", "check", "--config", s.path("maskd.yaml"))
	for name := range offices() {
		m.offices[name] = newOffice(t, c, name, s.addr(1).String()+":9561")
	}
	return m
}

func (m *muster) configuration(events, hook, auditor string) string {
	text := strings.ReplaceAll(m.six.configured(m.site.configuration()), "{name: crowd, ", "{name: crowd, cool_down_seconds: 600, ")
	for name, setting := range map[string]string{
		"aloud": "unknown_caller: announce", "allotted": "calls_in_all: {per_number: 1, per_did: 50, hours: 2}", "strange": "unknown_caller: pin", "hooked": "unknown_caller: hook",
		"sent":       "unknown_caller: redirect, redirect_to: " + fmt.Sprintf("%q", m.desk),
		"account-in": "srtp: optional", "named-out": "early_media: relay",
		"sent-out":   `stir: {sign: {key: key.pem, certificate_url: "https://certificates.example/maskd.pem", attest: A}}`,
		"sealed-in":  "tls: {ca: ca.pem, names: [sealed.example], mutual: true}",
		"doubted-in": "stir: {minimum: A, trust_verstat: true, on_unverified: pin}",
	} {
		text = strings.Replace(text, "{name: "+name+", ", "{name: "+name+", "+setting+", ", 1)
	}
	text = strings.Replace(text, `tcp://`+m.maskd.String()+`"`, `tcp://`+m.maskd.String()+`", "tls://`+m.maskd.Addr().String()+`:5061"`, 1)
	text = strings.Replace(text, "sip: {", "sip: {tls: {certificate: cert.pem, key: key.pem}, ", 1)
	text = strings.Replace(text, "sip:"+m.site.line("named").callee.String()+":5060", "sip:carrier.example", 1)
	text = strings.Replace(text, "sip:"+m.site.line("sealed").caller.String()+":5060", "sip:"+m.site.line("sealed").caller.String()+":5061;transport=tls", 1)
	for _, name := range []string{"account", "streamed", "sealed", "named"} {
		text = strings.Replace(text, "{name: "+name+"-out, options_seconds: 0", "{name: "+name+"-out, options_seconds: 5", 1)
	}
	var roles []string
	for _, role := range offices() {
		if role != "" {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	text = strings.Replace(text, `metrics: ""}`, fmt.Sprintf(`metrics: "%s:9560", listen: "%[1]s:9561", tls: {certificate: cert.pem, key: key.pem, ca: ca.pem},
  reveal: {second: true}, limits: {lookups_per_minute: 1000, reveals_per_hour: 1000},
  roles: [%s]}`, m.site.addr(1), strings.Join(roles, ", ")), 1)
	text = strings.Replace(text, "sip: {", "sip: {drain_seconds: 1, ", 1) + "recording: {directory: recordings, auditors: [" + auditor + "]}\n"
	text += "webhooks: [{name: dispatch, url: \"" + events + "/events\", key_file: hook.key}, {name: acme, url: \"" + events + "/acme\", key_file: hook.key, tenant: acme}]\n"
	return text + "hook: {url: \"" + hook + "/decide\", key_file: hook.key, ca: ca.pem, timeout_ms: 5000}\n" +
		"keys: {do_not_disturb: 8, block: 9}\nprompts: {locales: {hi: {pin: hi.wav, confirm: hi.wav, goodbye: hi.wav}}}\n" +
		"retention: {interactions_days: 1, recordings_days: 1, cdrs_days: 1, audit_days: 1, events_days: 1}\ntenants: [{name: acme, pools: [aloud]}]\n"
}
