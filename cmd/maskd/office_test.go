package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
)

// office is somebody who asks the API over TLS, with a certificate that gives a role.
type office struct {
	client http.Client
	base   string
}

// offices are the roles of the configuration, by the names in their certificates.
func offices() map[string]string {
	return map[string]string{
		"integrator": "{certificate: integrator.example, role: integrator, tenant: default}",
		"operator":   "{certificate: operator.example, role: operator}",
		"auditor":    "{certificate: auditor.example, role: auditor}",
		"second":     "{certificate: second.example, role: auditor}",
		"admin":      "{certificate: admin.example, role: admin}",
		"acme":       "{certificate: acme.example, role: integrator, tenant: acme}",
		"nobody":     "",

		"acme's operator": "{certificate: acmes-operator.example, role: operator, tenant: acme}",
	}
}

func newOffice(t *testing.T, c *ca, name, at string) *office {
	t.Helper()
	config := &tls.Config{ServerName: "maskd.example", RootCAs: c.pool(), Certificates: []tls.Certificate{c.issue(t, strings.NewReplacer("'", "", " ", "-").Replace(name)+".example")}}
	o := &office{client: http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: patience}, base: "https://" + at}
	t.Cleanup(o.client.CloseIdleConnections)
	return o
}

// ask sends a request in a role. What is answered, to its headers, goes into a sink
// of that role: a copy of the store and a recording, which are sealed, into one of their own.
func (m *muster) ask(role, method, path, body string, headers ...string) (int, string) {
	m.Helper()
	status, answer, whole := m.askInSecret(role, method, path, body, headers...)
	sink := "answers to " + role
	if head, _, _ := bytes.Cut(whole, []byte("\r\n\r\n")); bytes.Contains(head, []byte("application/octet-stream")) {
		sink += sealed
	}
	m.sinks.add(sink, whole)
	return status, answer
}

// askInSecret sends a request whose answer may hold a number.
func (m *muster) askInSecret(role, method, path, body string, headers ...string) (status int, answer string, whole []byte) {
	m.Helper()
	o := m.offices[role]
	request, err := http.NewRequestWithContext(m.Context(), method, o.base+path, strings.NewReader(body))
	if err != nil {
		m.Error(err)
		return 0, "", nil
	}
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := o.client.Do(request)
	if err != nil {
		m.Errorf("%s %s: %v", method, path, err)
		return 0, "", nil
	}
	defer response.Body.Close()
	if whole, err = httputil.DumpResponse(response, true); err != nil {
		m.Error(err)
	}
	_, text, _ := bytes.Cut(whole, []byte("\r\n\r\n"))
	if body, err := io.ReadAll(response.Body); err == nil { // DumpResponse leaves it to be read again
		text = body
	}
	return response.StatusCode, string(text), whole
}

// expect sends a request that is to be answered with that status.
func (m *muster) expect(status int, role, method, path, body string, headers ...string) string {
	m.Helper()
	got, answer := m.ask(role, method, path, body, headers...)
	if got != status {
		m.Errorf("%s %s by %s: %d, want %d: %s", method, path, role, got, status, blurred([]byte(answer), min(len(answer), 400)))
	}
	return answer
}

// command runs a command of maskd as people do, with the numbers on its standard
// input. What it says goes into a sink.
func (m *muster) command(code int, stdin string, verb ...string) string {
	m.Helper()
	answer := m.commandInSecret(code, stdin, verb...)
	m.sinks.add("answers to commands", []byte(answer))
	return answer
}

// commandInSecret runs a command that may print a number.
func (m *muster) commandInSecret(code int, stdin string, verb ...string) string {
	m.Helper()
	return m.offlineInSecret(code, stdin, slices.Insert(slices.Clone(verb), min(2, len(verb)), "--socket", m.site.path("maskd.sock"))...)
}

// offline runs a command that speaks to no daemon.
func (m *muster) offline(code int, stdin string, words ...string) {
	m.Helper()
	m.sinks.add("answers to commands", []byte(m.offlineInSecret(code, stdin, words...)))
}

func (m *muster) offlineInSecret(code int, stdin string, words ...string) string {
	m.Helper()
	m.noteTyped(words)
	var out, errs bytes.Buffer
	if got := run(append([]string{"maskd"}, words...), strings.NewReader(stdin), &out, &errs); got != code {
		m.Errorf("maskd %s: exit code %d, want %d: %s", words[:min(2, len(words))], got, code, blurred(errs.Bytes(), errs.Len()))
	}
	m.sinks.add("answers to commands", errs.Bytes())
	return out.String()
}

// scrape reads the metrics listener.
func (m *muster) scrape(path string) {
	m.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+net.JoinHostPort(m.site.addr(1).String(), "9560")+path, http.NoBody)
	if err != nil {
		m.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		m.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		m.Fatal(err)
	}
	m.sinks.add("metrics", text)
}
