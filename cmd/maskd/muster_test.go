package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// muster is a thousand numbers, each of which is given a use, the daemon that they are
// used with, and all that it writes and sends meanwhile.
type muster struct {
	*testing.T
	site    *site
	numbers []string
	sinks   *sinks
	offices map[string]*office
	maskd   netip.AddrPort // its SIP
	six     sixConnection
	desk    string // the number that strangers are sent to

	strangers netip.Addr // a host of no trunk
	authority *ca
	orders    atomic.Int64 // that have an external id

	mu     sync.Mutex
	taken  int
	homes  map[string][]netip.Addr // where a number may be sent to
	boards map[netip.Addr]*switchboard
	told   map[leg]*bytes.Buffer
	typed  map[string]bool            // verbs
	calls  []string                   // ids of which more is asked
	pages  map[[sha256.Size]byte]bool // of files, that were kept
}

// thousandNumbers are a thousand mobile numbers of India. Without its country code
// none is below 2^32, from either end: what is drawn at random in 32 bits is none of
// them. Their last seven digits differ.
func thousandNumbers() []string {
	const step, first = 611953, 104729 // any that a million has no factor in common with
	numbers := make([]string, 1000)
	for n := range numbers {
		numbers[n] = fmt.Sprintf("+9198%d%06d%d", n%10, (n*step+first)%1_000_000, 5+n%5)
	}
	return numbers
}

// take gives a number its use: it is at these hosts, or only kept if there are none.
func (m *muster) take(hosts ...netip.Addr) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.taken == len(m.numbers) {
		m.Error("there are not enough numbers")
		m.taken--
	}
	number := m.numbers[m.taken]
	m.taken++
	m.homes[number] = hosts
	return number
}

// plugIn puts a phone with that number, which talks of it wherever it can, behind the
// switchboard of a host.
func (m *muster) plugIn(host netip.Addr, number string) *siptest.Phone {
	digits := strings.TrimPrefix(number, "+")
	return m.board(host).plugIn(m.T, siptest.Identity{
		Number: number, Name: "Ms " + digits[2:], Agent: "Handset/" + digits, Host: "h" + digits + ".invalid", Session: "s" + digits,
		Origin: 7, SSRC: 7, Seq: 7, Port: soundPort, Codecs: "8 0 101", Extra: chatter(number),
	}, m.entrance(host))
}

// entrance is where a host sends its requests.
func (m *muster) entrance(host netip.Addr) netip.AddrPort {
	if host.Is6() {
		return m.six.maskd
	}
	return m.maskd
}

func (m *muster) board(host netip.Addr) *switchboard {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.boards[host] == nil {
		m.boards[host] = m.newBoard(host)
	}
	return m.boards[host]
}

// newBoard is a switchboard that is connected as its line says.
func (m *muster) newBoard(host netip.Addr) *switchboard {
	i := slices.IndexFunc(m.site.lines, func(l line) bool { return l.transport != "" && (l.caller == host || l.callee == host) })
	if i < 0 {
		return newSwitchboard(m.T, netip.AddrPortFrom(host, m.maskd.Port()))
	}
	hear := func(message []byte) { m.hear(host, message) }
	if m.site.lines[i].transport == "tcp" {
		return switchboardBy(m.T, newTrunkline(m.T, netip.AddrPortFrom(host, m.maskd.Port()), m.maskd, nil, hear))
	}
	roots := m.authority.pool()
	proof := &tls.Config{ServerName: "maskd.example", RootCAs: roots, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{m.authority.issue(m.T, m.site.lines[i].name+".example")}}
	const port = 5061
	return switchboardBy(m.T, newTrunkline(m.T, netip.AddrPortFrom(host, port), netip.AddrPortFrom(m.maskd.Addr(), port), proof, hear))
}

// caller is a phone with a number of its own, which calls by the line.
func (m *muster) caller(l line) *siptest.Phone { return m.plugIn(l.caller, m.take(l.caller)) }

// callee is a phone with a number of its own, which is called by the line.
func (m *muster) callee(l line) *siptest.Phone { return m.plugIn(l.callee, m.take(l.callee)) }

// chatter is in every request and response of a phone: its number, wherever a header
// has a place for one, in spellings that a filter of headers would miss.
func chatter(number string) []siptest.Header {
	digits := number[1:]
	coded := base64.RawURLEncoding.EncodeToString([]byte(`{"orig":{"tn":"` + digits + `"}}`))
	return []siptest.Header{
		{Name: "P-Asserted-Identity", Value: `"` + digits + `" <sip:` + number + `@carrier.invalid>`},
		{Name: "Remote-Party-ID", Value: "<sip:" + digits + "@carrier.invalid>;party=calling"},
		{Name: "P-Preferred-Identity", Value: "<tel:" + number + ">"},
		{Name: "Diversion", Value: "<tel:" + number + ">;reason=unconditional"},
		{Name: "History-Info", Value: "<sip:" + digits + "@carrier.invalid?Reason=SIP%3Bcause%3D302>;index=1"},
		{Name: "X-Number", Value: digits[:2] + " " + digits[2:7] + "-" + digits[7:]},
		{Name: "X-Coded", Value: coded},
		{Name: "User-to-User", Value: hex.EncodeToString([]byte(digits)) + ";encoding=hex"},
		{Name: "P-Charging-Vector", Value: "icid-value=" + digits + ";icid-generated-at=h" + digits},
		{Name: "Geolocation", Value: "<https://example.invalid/" + digits + ">"},
		{Name: "Call-Info", Value: "<https://example.invalid/" + digits + ".png>;purpose=icon"},
		{Name: "Subject", Value: "from " + digits}, {Name: "Organization", Value: digits},
		{Name: "Reply-To", Value: "<sip:" + number + "@carrier.invalid>"}, {Name: "Session-ID", Value: digits},
		{Name: "Warning", Value: `399 h` + digits + ` "` + number + `"`}, {Name: "Error-Info", Value: "<sip:" + digits + "@carrier.invalid>"},
		{Name: "Date", Value: "Sun, 22 Nov 2026 07:00:00 GMT"},
	}
}

// pair is two parties that may reach each other.
type pair struct {
	a, b    *siptest.Phone
	didA    string // what A dials
	didB    string
	id      string
	numbers [2]string
}

// pairs makes so many interactions of the line, in one batch of the integrator. The
// draft is what more there is in each.
func (m *muster) pairs(l line, count int, draft string) []pair {
	all, lines := make([]pair, count), new(strings.Builder)
	for n := range all {
		p := &all[n]
		p.a, p.b = m.caller(l), m.callee(l)
		p.numbers = [2]string{p.a.Number, p.b.Number}
		fmt.Fprintf(lines, `{"create":{"pool":%q,"external_id":"order-%d","parties":{"a":{"numbers":[%q]},"b":{"numbers":[%q]}}%s}}`+"\n",
			l.name, m.orders.Add(1), spelt(n, p.a.Number), spelt(n+1, p.b.Number), draft)
	}
	_, answer := m.ask("integrator", "POST", "/v1/interactions:batch", lines.String())
	receipts := strings.Split(strings.TrimSpace(answer), "\n")
	if len(receipts) != count {
		m.Fatalf("%d lines of a batch, and answers:\n%s", count, answer)
	}
	for n, text := range receipts {
		r := read[admin.Receipt](m.T, []byte(text))
		if r.Interaction == nil {
			m.Fatalf("line %d of a batch: %s", n, text)
		}
		all[n].id, all[n].didA, all[n].didB = r.Interaction.ID, r.Interaction.Parties.A.Dial, r.Interaction.Parties.B.Dial
	}
	return all
}

// spelt writes a number as one person or another does.
func spelt(n int, number string) string {
	switch n % 3 {
	case 0:
		return number
	case 1:
		return number[:3] + " " + number[3:8] + "-" + number[8:]
	default:
		return "tel:" + number
	}
}

// create makes one interaction and returns it; the body is JSON.
func (m *muster) create(role, body string) admin.Interaction {
	m.Helper()
	status, answer := m.ask(role, "POST", "/v1/interactions", body)
	if status != 201 {
		m.Fatalf("create: %d %s", status, blurred([]byte(answer), len(answer)))
	}
	return read[admin.Interaction](m.T, []byte(answer))
}

// atOnce does something with each, a few at a time, and reports what went wrong.
func atOnce[T any](m *muster, things []T, do func(int, T) error) {
	m.Helper()
	const few = 24
	var working sync.WaitGroup
	room, failed := make(chan struct{}, few), make([]error, len(things))
	for n, thing := range things {
		room <- struct{}{}
		working.Go(func() {
			defer func() { <-room }()
			if err := do(n, thing); err != nil {
				failed[n] = fmt.Errorf("%d: %w", n, err)
			}
		})
	}
	working.Wait()
	if err := errors.Join(failed...); err != nil {
		m.Error(err) // a phone names itself by its address
	}
}

// ladder is who waits for what, in turn: a step does something, or waits for a
// message.
func ladder(steps ...func() error) error {
	for n, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", n, err)
		}
	}
	return nil
}

// hears waits for a message, for less long than a phone does by itself: of a thousand
// some would wait one after the other.
func hears(p *siptest.Phone, names ...string) func() error {
	return func() error {
		heard := make(chan error, 1)
		go func() { _, err := p.Await(names...); heard <- err }()
		select {
		case err := <-heard:
			return err
		case <-time.After(patience):
			return fmt.Errorf("waited in vain for %s", strings.Join(names, " or "))
		}
	}
}

func does(f func()) func() error { return func() error { f(); return nil } }
