package main

import (
	"os"
	"strings"
	"time"

	"maskd/cmd/maskd/admin"
)

const because = "complaint 4711 of the rider"

// administer does over the API all that can be done with an interaction, a number, a
// person and a DID, and asks for it wrongly too.
func (m *muster) administer() {
	l := m.site.line("crowd")
	path := func(p pair, verb string) string { return "/v1/interactions/" + p.id + verb }
	why := `{"reason":"` + because + `"}`
	all := m.pairs(l, 8, `,"ttl_seconds":3600,"callback_seconds":60`)

	m.expect(200, "integrator", "PATCH", path(all[0], ""), `{"max_calls":5,"parties":{"a":{"do_not_disturb":false}}}`)
	m.expect(200, "integrator", "POST", path(all[0], "/extend"), `{"ttl_seconds":7200}`)
	m.expect(200, "integrator", "POST", path(all[0], "/hours"), `{"parties":{"b":{"schedule":{"zone":"Asia/Kolkata","windows":[{"from":"09:00","to":"17:00"}]}}}}`)
	m.expect(200, "integrator", "POST", path(all[1], "/complete"), `{"calls":"drain","reason":"the ride is over"}`)
	m.expect(200, "integrator", "POST", path(all[1], "/complete"), `{"calls":"announce"}`)
	m.expect(200, "integrator", "POST", path(all[1], "/reopen"), `{"ttl_seconds":3600}`)
	m.expect(200, "auditor", "POST", path(all[2], "/hold"), why)
	m.expect(409, "auditor", "POST", path(all[2], "/erase"), why)
	m.expect(200, "auditor", "POST", path(all[2], "/release"), why)
	m.expect(200, "auditor", "POST", path(all[2], "/erase"), why)
	m.reveal(all[3])
	for _, p := range all[4:6] {
		for _, verb := range []string{"find", "export", "erase"} {
			m.plead("/v1/subjects/"+verb, `"number":"`+p.a.Number+`",`)
		}
	}
	for n, p := range all {
		for _, at := range []string{"", `,"at":"` + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + `"`, `,"at":"` + time.Now().Add(3*time.Hour).UTC().Format(time.RFC3339) + `"`} {
			m.expect(200, "operator", "POST", "/v1/lookup", `{"did":"`+p.didA+`","caller":"`+spelt(n, p.a.Number)+`","hook":true`+at+`}`)
		}
	}
	m.expect(200, "operator", "POST", "/v1/lookup", `{"did":"`+all[0].didA+`","caller":"`+m.take()+`"}`)
	m.expect(201, "operator", "POST", "/v1/blocks", `{"number":"`+m.take()+`","with":"`+m.take()+`","reason":"they have asked for it"}`)
	m.expect(201, "operator", "POST", "/v1/blocks", `{"interaction":"`+all[6].id+`","party":"b","bars":"reached"}`)
	m.expect(200, "operator", "POST", "/v1/blocks:remove", `{"number":"`+all[6].b.Number+`"}`)
	for _, verb := range []string{"quarantine", "drain", "activate", "retire"} {
		m.expect(200, "operator", "POST", "/v1/numbers/"+l.did[:len(l.did)-2]+"98/"+verb, `{"reason":"it is reported as spam"}`)
	}
	m.askAgain(l)
	m.askWrongly(all[7])
	m.expect(200, "operator", "POST", "/v1/reload", "")
	m.expect(200, "admin", "POST", "/v1/keys/rotate", why)
}

// reveal is the one way to a number: for a reason, which another person approves. It
// is not searched, but must be exactly what was asked for, once.
func (m *muster) reveal(p pair) {
	path := "/v1/interactions/" + p.id + "/reveal"
	asked := read[admin.Petition](m.T, []byte(m.expect(202, "auditor", "POST", path, `{"reason":"`+because+`"}`)))
	collect := `{"request":"` + asked.Request + `"}`
	m.expect(409, "auditor", "POST", path, collect)
	m.expect(200, "second", "POST", "/v1/reveals/"+asked.Request+"/approve", "")
	m.expect(404, "second", "POST", path, collect)
	status, answer, _ := m.askInSecret("auditor", "POST", path, collect)
	want := `{"id":"` + p.id + `","parties":{"a":{"numbers":["` + p.numbers[0] + `"]},"b":{"numbers":["` + p.numbers[1] + `"]}}}`
	if status != 200 || strings.TrimSpace(answer) != want {
		m.Errorf("a reveal that was approved: %d %s, which is not what was asked for", status, blurred([]byte(answer), len(answer)))
	}
	m.expect(404, "auditor", "POST", path, collect)
}

// plead asks for what another person has to approve, has that done, and returns what is
// shown then.
func (m *muster) plead(path, more string) string {
	m.Helper()
	asked := read[admin.Petition](m.T, []byte(m.expect(202, "auditor", "POST", path, `{`+more+`"reason":"`+because+`"}`)))
	m.expect(200, "second", "POST", "/v1/reveals/"+asked.Request+"/approve", "")
	return m.expect(200, "auditor", "POST", path, `{`+more+`"request":"`+asked.Request+`"}`)
}

// askAgain sends requests again, the same and others of the same name.
func (m *muster) askAgain(l line) {
	draft := func(a, b string) string {
		return `{"pool":"` + l.name + `","parties":{"a":{"numbers":["` + a + `"]},"b":{"numbers":["` + b + `"]}}}`
	}
	a, b := m.take(), m.take()
	for range 2 {
		m.expect(201, "integrator", "POST", "/v1/interactions", draft(a, b), "Idempotency-Key", "order-4711")
	}
	m.expect(422, "integrator", "POST", "/v1/interactions", draft(a, m.take()), "Idempotency-Key", "order-4711")
	named := strings.Replace(draft(a, b), "{", `{"external_id":"order-4712",`, 1)
	m.expect(201, "integrator", "POST", "/v1/interactions", named)
	m.expect(200, "integrator", "POST", "/v1/interactions", named)
	m.expect(409, "integrator", "POST", "/v1/interactions", strings.Replace(named, b, m.take(), 1))
}

// askWrongly writes numbers where none belongs. No answer says them back, and nothing
// keeps them.
func (m *muster) askWrongly(p pair) {
	n, at := m.take(), "/v1/interactions"
	given := `"parties":{"a":{"numbers":["` + n + `"]},"b":{"numbers":["` + m.take() + `"]}}`
	for _, body := range []string{
		n, `"` + n + `"`, `{"` + n + `":1,` + given + `}`, `{"external_id":"` + n + `",` + given + `}`, `{"external_id":"ride-` + n[3:] + `",` + given + `}`,
		`{"labels":{"` + n + `":"x"},` + given + `}`, `{"labels":{"x":"0` + n[3:] + `"},` + given + `}`, `{"mode":"` + n + `",` + given + `}`, `{"pool":"` + n + `",` + given + `}`,
		`{"numbering":"` + n + `",` + given + `}`, `{"direction":"` + n + `",` + given + `}`, `{"record":"` + n + `",` + given + `}`, `{"sticky":"` + n + `",` + given + `}`,
		`{"starts_at":"` + n + `",` + given + `}`, `{"ttl_seconds":` + n[1:] + `,` + given + `}`, `{"warn":"` + n + `",` + given + `}`, `{"callback_number":"` + n + `",` + given + `}`,
		`{"parties":{"a":{"numbers":[` + n[1:] + `]}}}`, `{"parties":{"a":{"numbers":["` + n + `","` + n + `"]},"b":{"numbers":["` + m.take() + `"]}}}`,
		`{"parties":{"a":{"numbers":["` + n + `"]},"b":{"numbers":["` + n + `"]}}}`, `{"parties":{"a":{"numbers":["` + n[1:] + `"]},"b":{"numbers":["00` + n[1:] + `"]}}}`,
		`{"parties":{"a":{"numbers":["` + n + `;ext=5"]}}}`, `{"parties":{"a":{"numbers":["` + n + `9999"]}}}`, `{"parties":{"a":{"numbers":["` + n + `"],"pin":"` + n[1:] + `"}}}`,
		`{"parties":{"a":{"numbers":["` + n + `"],"prefer":["` + n + `"]},"b":{"numbers":["` + m.take() + `"]}}}`,
		`{"parties":{"a":{"numbers":["` + n + `"],"schedule":{"zone":"` + n + `","windows":[{"from":"` + n + `","to":"x"}]}}}}`,
	} {
		if status, answer := m.ask("integrator", "POST", at, body); status < 400 {
			m.Errorf("a wrong create is taken: %d %s", status, blurred([]byte(answer), len(answer)))
		}
		m.ask("integrator", "POST", at+":batch", body+"\n")
		m.ask("operator", "POST", "/v1/lookup", body)
		m.ask("auditor", "POST", "/v1/subjects/find", body)
		m.ask("operator", "POST", "/v1/blocks", body)
		m.ask("integrator", "PATCH", at+"/"+p.id, body)
		m.ask("integrator", "POST", at+"/"+p.id+"/hours", body)
		m.ask("operator", "POST", at+"/"+p.id+"/call", body)
	}
	for _, reason := range []string{"for " + n + " of course", "for 0" + n[3:] + " of course", "for " + p.a.Number[3:8] + " " + p.a.Number[8:] + " of course"} {
		for _, verb := range []string{"complete", "hold", "release", "erase", "reveal"} {
			m.expect(422, "admin", "POST", at+"/"+p.id+"/"+verb, `{"reason":"`+reason+`"}`)
		}
	}
	digits := n[1:]
	for _, role := range []string{"admin", "nobody", "integrator"} {
		for _, path := range []string{at + "/" + n, at + "?external_id=" + digits, at + "?after=" + n, at + "?limit=" + digits, at + "?" + digits + "=1", "/" + n, "/v1/calls/" + n,
			"/v1/calls/" + n + "/trace", "/v1/recordings/" + n, "/v1/cdrs?after=" + digits, "/v1/numbers?pool=" + digits, "/v1/audit/" + digits + "/proof", "/v1/audit?after=" + digits} {
			m.ask(role, "GET", path, "")
			m.ask(role, "POST", path, `{"reason":"`+n+`"}`)
			m.ask(role, "X"+digits, path, "", "X-Number", n, "Maskd-Tenant", digits, "Idempotency-Key", n, "User-Agent", n, "Content-Type", n)
		}
		m.ask(role, "POST", "/v1/numbers/"+n+"/drain", "")
		m.ask(role, "POST", "/v1/reveals/"+n+"/approve", "")
	}
}

// readEverything asks for all that there is to read, in every role.
func (m *muster) readEverything() {
	interactions := read[admin.Page[admin.Interaction]](m.T, []byte(m.expect(200, "admin", "GET", "/v1/interactions?limit=1000", "")))
	cdrs := read[admin.Page[admin.CDR]](m.T, []byte(m.expect(200, "admin", "GET", "/v1/cdrs?limit=1000", "")))
	if len(interactions.Data) < 100 || len(cdrs.Data) < 100 {
		m.Errorf("%d interactions and %d calls are listed", len(interactions.Data), len(cdrs.Data))
	}
	for n, c := range cdrs.Data {
		if n%10 == 0 {
			m.called(c.Call)
		}
	}
	paths := []string{"/v1/interactions?limit=1000", "/v1/calls", "/v1/cdrs?limit=1000", "/v1/recordings", "/v1/blocks", "/v1/reveals", "/v1/events?limit=1000", "/v1/webhooks", "/v1/pools", "/v1/numbers?limit=1000",
		"/v1/trunks", "/v1/audit?limit=1000", "/v1/audit/export", "/v1/audit/checkpoint", "/v1/audit/7/proof", "/v1/audit/growth?from=3", "/livez", "/readyz", "/metrics"}
	for role := range offices() {
		for _, path := range paths {
			m.ask(role, "GET", path, "")
		}
		for _, i := range interactions.Data[:10] {
			m.ask(role, "GET", "/v1/interactions/"+i.ID, "")
		}
	}
	for _, id := range m.calls {
		m.ask("operator", "GET", "/v1/calls/"+id, "")
		m.ask("operator", "GET", "/v1/calls/"+id+"/trace", "")
	}
	m.scrape("/metrics")
	m.scrape("/readyz")
}

// typeCommands types every verb, told numbers on its standard input, rightly and wrongly.
func (m *muster) typeCommands() {
	l, a, b := m.site.line("crowd"), m.take(), m.take()
	made := m.command(exitOK, "a="+a+"\nb="+spelt(1, b)+"\nb.fallback="+m.take()+"\na.pin=384756\n", "interaction", "create", "--json", "--pool", l.name, "--label", "city=Pune")
	id := read[admin.Interaction](m.T, []byte(made)).ID
	number := "number=" + a + "\n"
	for _, row := range []struct {
		code  int
		stdin string
		verb  string
	}{
		{exitOK, "", "interaction show " + id}, {exitOK, "", "interaction list"}, {exitOK, "", "interaction list --json --limit 1000"},
		{exitOK, "", "interaction extend --ttl 48h " + id}, {exitOK, "", "interaction revise --max-calls 3 " + id}, {exitOK, "", "interaction hours --hours-b always " + id},
		{exitOK, "did=" + l.did + "\ncaller=" + a + "\n", "number lookup"}, {exitOK, "did=" + l.did + "\n", "number lookup --json"},
		{exitOK, number, "block add --reason he-asked-for-it"}, {exitOK, "", "block list"}, {exitOK, number, "block remove"},
		{exitOK, number, "subject find --reason he-asked-for-it"}, {exitOK, number, "subject export --reason he-asked-for-it"},
		{exitOK, "", "interaction hold --reason he-asked-for-it " + id}, {exitOK, "", "interaction release --reason he-asked-for-it " + id},
		{exitOK, "", "reveal list"}, {exitOK, "", "pool list"}, {exitOK, "", "number list --limit 1000"},
		{exitOK, "", "number quarantine --for 72h --reason spam " + l.did[:len(l.did)-2] + "97"}, {exitOK, "", "trunk list"}, {exitOK, "", "call list"}, {exitOK, "", "cdr list --limit 1000"}, {exitOK, "", "cdr export --reason he-asked-for-it"},
		{exitOK, "", "recording list"}, {exitOK, "", "event list --limit 1000"}, {exitOK, "", "webhook list"}, {exitOK, "", "webhook resume dispatch"}, {exitOK, "", "top --once"}, {exitOK, "", "top --once --json"},
		{exitOK, "", "number drain --reason spam " + l.did[:len(l.did)-2] + "96"}, {exitOK, "", "number retire --reason spam " + l.did[:len(l.did)-2] + "96"}, {exitOK, "", "number activate " + l.did[:len(l.did)-2] + "96"},
		{exitOK, "", "store backup --reason he-asked-for-it " + m.site.path("var/hot.db")}, {exitOK, "", "audit prove 7"}, {exitOK, "", "audit list --limit 1000"}, {exitOK, "", "audit verify"}, {exitOK, "", "audit export"}, {exitOK, "", "audit key"}, {exitOK, "", "audit checkpoint"},
		{exitOK, "", "interaction complete --reason over " + id}, {exitOK, "", "interaction reopen --ttl 1h " + id}, {exitOK, "", "interaction erase --reason he-asked-for-it " + id},
		{exitOK, number, "subject erase --reason he-asked-for-it"}, {exitOK, "", "reload"},
		{exitUsage, a + "\n", "interaction create"}, {exitUsage, "c=" + a + "\n", "interaction create"}, {exitUsage, `{"a":` + a + `}`, "interaction create"},
		{exitUsage, `{"` + a + `":1}`, "interaction create"}, {exitUsage, number, "number lookup"}, {exitUsage, a, "block add"}, {exitUsage, a, "subject find --reason he-asked-for-it"},
		{exitRefused, "number=" + a + "9999\n", "subject find --reason he-asked-for-it"}, {exitRefused, "a=" + a[1:] + "\nb=0" + b[3:] + "\n", "interaction create"},
		{exitRefused, a + "\n{\"create\":{\"" + a + "\":1}}\n", "interaction create --batch -"}, {exitUsage, "", "interaction create " + a}, {exitUsage, "", "interaction " + a}, {exitUsage, "", "call list " + a},
		{exitNotFound, "", "interaction show " + a}, {exitNotFound, "", "call show " + a}, {exitNotFound, "", "number drain " + a}, {exitUsage, "", "interaction list --" + a}, {exitRefused, "", "interaction list --limit " + a},
		{exitRefused, "", "interaction list --after " + a}, {exitUsage, "", "audit verify --key " + a + " --export " + a}, {exitFailure, "", "interaction create --from " + a},
	} {
		m.command(row.code, row.stdin, strings.Fields(row.verb)...)
	}
	m.offline(exitOK, "", "pool", "plan", "--per-hour", "4")
	printed := m.offlineInSecret(exitOK, "", "config", "print", "--config", m.site.path("maskd.yaml"))
	m.sinks.add("answers to commands", []byte(strings.ReplaceAll(printed, m.desk, ""))) // which its writer has put there
	m.revealByCommand(l)
	for _, call := range m.calls[:min(5, len(m.calls))] {
		file := m.site.path("trace.pcapng")
		m.command(exitOK, "", "call", "trace", "--pcapng", file, call)
		m.command(exitOK, "", "call", "show", call)
		text, err := os.ReadFile(file)
		if err != nil {
			m.Fatal(err)
		}
		m.sinks.add("captures of calls", text)
		_ = os.Remove(file)
	}
	m.configureWrongly()
}

// useTheRest gives what numbers are left a use: as groups, on the block list, as people
// who are asked about, as callers whom nobody knows, and as parties who don't call.
func (m *muster) useTheRest() {
	l := m.site.line("crowd")
	for range 8 {
		group := make([]string, 12)
		for n := range group {
			group[n] = m.take()
		}
		m.create("integrator", `{"pool":"crowd","sticky":"prefer","parties":{"a":{"numbers":`+quoted(group[:5]...)+`,"fallback":"`+group[5]+`"},"b":{"numbers":`+quoted(group[6:11]...)+`,"fallback":"`+group[11]+`"}}}`)
		m.expect(201, "operator", "POST", "/v1/blocks", `{"number":"`+m.take()+`","with":"`+m.take()+`"}`)
		m.plead("/v1/subjects/find", `"number":"`+m.take()+`",`)
		stranger := m.caller(l)
		stranger.Invite("+15559999999") // on a DID of ours somebody may have an extension
		if err := hears(stranger, "404")(); err != nil {
			m.Error(err)
		}
	}
	m.pairs(l, (m.left()-crashing*len(crashes()))/2, `,"direction":"b_to_a"`)
	for m.left() > crashing*len(crashes()) {
		m.expect(200, "operator", "POST", "/v1/lookup", `{"did":"`+l.did+`","caller":"`+m.take()+`"}`)
	}
}

func (m *muster) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.numbers) - m.taken
}

// configureWrongly has configurations checked in which numbers stand where none
// belongs.
func (m *muster) configureWrongly() {
	n := m.take()
	for _, text := range []string{
		n, "x" + n + ": 1", "sip: " + n, "sip: {" + n[1:] + ": 1}", "sip: {listen: [\"udp://" + n + ":5060\"]}", "sip: {listen: [\"" + n + "://127.0.0.1:5060\"]}", "media: {ports: " + n + "}", "media: {listen: \"" + n + "\"}",
		"store: {path: [\"" + n + "\"]}", "recording: {directory: x, auditors: [\"" + n + "\"]}", "admin: {socket: {\"" + n + "\": 1}}", "admin: {roles: [{user: \"" + n + "\", role: \"" + n + "\"}]}",
		"hook: {url: \"ftp://" + n + "\"}", "holidays: {x: [\"" + n + "\"]}", "trunks: [{name: x, accept: [\"" + n + "\"]}]", "trunks: [{name: x, accept: [127.0.0.1/32], gateways: [\"" + n + "\"]}]",
		"pools: [{name: x, trunk: \"" + n + "\", dids: [+15550100000]}]", "tenants: [{name: \"" + n + "\", pools: [\"" + n + "\"]}]", "prompts: {pin: [\"" + n + "\"]}", "retention: {interactions_days: " + n + "}",
		"pools:\n  - {name: default, trunk: carrier, dids: [+15550100000], unknown_caller: redirect, redirect_to: \"" + n[1:] + "x\"}",
	} {
		m.site.write(m.T, "wrong.yaml", text+"\n")
		m.offline(exitConfig, "", "config", "check", "--config", m.site.path("wrong.yaml"))
	}
	_ = os.Remove(m.site.path("wrong.yaml"))
}

// hangUpAll ends calls that are up, as an operator does.
func (m *muster) hangUpAll() {
	l := m.site.line("crowd")
	p := m.pairs(l, 4, "")
	for _, pair := range p {
		pair.a.Invite(pair.didA)
		if err := ladder(hears(pair.b, "INVITE"), does(func() { pair.b.Answer() }), hears(pair.a, "200"), hears(pair.b, "ACK")); err != nil {
			m.Error(err)
		}
	}
	m.expect(200, "operator", "POST", "/v1/calls/"+m.liveOf(p[0].id)+"/hangup", "")
	m.command(exitOK, "", "call", "hangup", m.liveOf(p[3].id))
	m.expect(200, "integrator", "PATCH", "/v1/interactions/"+p[1].id, `{"parties":{"a":{"locale":"hi"},"b":{"locale":"hi-IN"}}}`)
	m.expect(200, "operator", "POST", "/v1/interactions/"+p[1].id+"/complete", `{"calls":"announce"}`)
	m.expect(200, "operator", "POST", "/v1/interactions/"+p[2].id+"/complete", `{"calls":"hangup"}`)
	for _, pair := range p {
		if err := ladder(hears(pair.a, "BYE"), hears(pair.b, "BYE")); err != nil {
			m.Error(err)
		}
	}
}
