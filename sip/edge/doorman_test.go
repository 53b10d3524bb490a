package edge

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// doorman is a carrier's server in the network in memory that lets nobody in
// without credentials. It checks them by formulae of its own.
type doorman struct {
	conn net.PacketConn
	done sync.WaitGroup

	mu       sync.Mutex
	proxy    bool   // asks with 407
	realm    string // "carrier.example"
	password string
	nonce    string
	sha      bool              // offers SHA-256 above MD5
	stale    bool              // says so when it refuses
	counts   map[string]bool   // nonces with their counts, used
	open     bool              // asks nobody
	extra    []string          // headers of a 200
	status   int               // instead of 200
	numbers  map[string]string // the branch of each Call-ID and CSeq
	early    string            // a provisional response sent before a challenge
	seen     []siptest.Message
	verdicts []string // what became of each request but an ACK: "401", "200"
}

// newDoorman plugs a doorman in for the carrier.
func newDoorman(t *testing.T, conn net.PacketConn) *doorman {
	d := &doorman{conn: conn, realm: "carrier.example", password: "zanzibar", nonce: "n1", counts: make(map[string]bool),
		numbers: make(map[string]string)}
	d.done.Go(d.read)
	t.Cleanup(func() { _ = conn.Close(); d.done.Wait() })
	return d
}

func (d *doorman) read() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := d.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		d.take(siptest.Parse(buf[:n]), from)
	}
}

func (d *doorman) take(m siptest.Message, from net.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if m.Status() != 0 {
		return
	}
	d.seen = append(d.seen, m)
	if m.Method() == "ACK" {
		return
	}
	if m.Method() != "CANCEL" && !d.inOrder(m) {
		d.verdicts = append(d.verdicts, "number used twice")
	}
	if d.early != "" && m.Method() == "INVITE" {
		d.answer(m, from, d.early)
	}
	if !d.open && m.Method() != "CANCEL" && !d.knows(m) { // nobody can challenge a CANCEL (22.1)
		d.verdicts = append(d.verdicts, "refused "+m.Method())
		d.challenge(m, from)
		return
	}
	d.verdicts = append(d.verdicts, "passed "+m.Method())
	if m.Method() == "CANCEL" || d.status == 0 {
		d.answer(m, from, "200 OK", append([]string{"Contact: <sip:device@" + d.conn.LocalAddr().String() + ">"}, d.extra...)...)
		return
	}
	d.answer(m, from, fmt.Sprintf("%d No", d.status), d.extra...)
}

// inOrder reports whether a request has a number of its own.
func (d *doorman) inOrder(m siptest.Message) bool {
	number, branch := fmt.Sprint(m.Get("Call-ID"), m.Seq()), siptest.Branch(m.Get("Via"))
	before, known := d.numbers[number]
	d.numbers[number] = branch
	return !known || before == branch
}

func (d *doorman) challenge(m siptest.Message, from net.Addr) {
	status, name := "401 Unauthorized", "WWW-Authenticate"
	if d.proxy {
		status, name = "407 Proxy Authentication Required", "Proxy-Authenticate"
	}
	value := fmt.Sprintf(`%s: Digest realm="%s", nonce="%s", qop="auth,auth-int", opaque="o"`, name, d.realm, d.nonce)
	if d.stale {
		value += ", stale=true"
	}
	challenges := []string{value + ", algorithm=MD5"}
	if d.sha {
		challenges = append(challenges, value+", algorithm=SHA-256")
	}
	d.answer(m, from, status, challenges...)
}

func (d *doorman) answer(m siptest.Message, to net.Addr, status string, more ...string) {
	answer := append(lines{"SIP/2.0 " + status, "Via: " + m.Get("Via"), "From: " + m.Get("From"), "To: " + withTag(m.Get("To")),
		"Call-ID: " + m.Get("Call-ID"), "CSeq: " + m.Get("CSeq")}, more...)
	_, _ = d.conn.WriteTo([]byte(answer.text("")), to)
}

func withTag(to string) string {
	if siptest.Tag(to) != "" {
		return to
	}
	return to + ";tag=theirs"
}

// knows reports whether a request has good credentials, not used before.
func (d *doorman) knows(m siptest.Message) bool {
	value := m.Get("Authorization")
	if d.proxy {
		value = m.Get("Proxy-Authorization")
	}
	p := make(map[string]string)
	for part := range strings.SplitSeq(strings.TrimPrefix(value, "Digest "), ", ") {
		name, text, _ := strings.Cut(part, "=")
		p[name] = strings.Trim(text, `"`)
	}
	hash := func(text string) string {
		if p["algorithm"] == "SHA-256" {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	uri := strings.Split(m.Start, " ")[1]
	want := hash(strings.Join([]string{hash("maskd:" + d.realm + ":" + d.password), d.nonce, p["nc"], p["cnonce"], "auth",
		hash(m.Method() + ":" + uri)}, ":"))
	use := p["nonce"] + " " + p["nc"]
	good := p["response"] == want && p["uri"] == uri && p["opaque"] == "o" && !d.counts[use] && (!d.sha || p["algorithm"] == "SHA-256")
	d.counts[use] = d.counts[use] || good
	return good
}

// change changes what the doorman does.
func (d *doorman) change(how func(*doorman)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	how(d)
}

// told returns what became of the requests since it was asked last.
func (d *doorman) told() string {
	time.Sleep(100 * time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	told := strings.Join(d.verdicts, ", ")
	d.verdicts = nil
	return told
}

// last returns the last request of a method.
func (d *doorman) last(method string) siptest.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.seen) - 1; i >= 0; i-- {
		if d.seen[i].Method() == method {
			return d.seen[i]
		}
	}
	return siptest.Message{}
}
