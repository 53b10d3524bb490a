package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// stub is a name server on loopback, by UDP and TCP.
type stub struct {
	addr  netip.AddrPort
	asked atomic.Int64
	byTCP atomic.Int64
}

// newStub starts a name server of a zone in the form of RFC 1035. An rcode
// makes it answer that to everything.
func newStub(t *testing.T, rcode int, zone ...string) *stub {
	t.Helper()
	s := &stub{}
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = packets.LocalAddr().(*net.UDPAddr).AddrPort()
	streams, err := net.Listen("tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	records := make([]dns.RR, len(zone))
	for i, text := range zone {
		if records[i], err = dns.NewRR(text); err != nil {
			t.Fatal(err)
		}
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		s.asked.Add(1)
		_ = w.WriteMsg(s.reply(q, rcode, records, w.RemoteAddr().Network()))
	})
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return s
}

func (s *stub) reply(q *dns.Msg, rcode int, records []dns.RR, network string) *dns.Msg {
	m := new(dns.Msg)
	m.SetRcode(q, rcode)
	for _, r := range records {
		h := r.Header()
		if h.Rrtype == dns.TypeSOA {
			m.Ns = append(m.Ns, r)
		} else if h.Rrtype == q.Question[0].Qtype || h.Rrtype == dns.TypeCNAME {
			m.Answer = append(m.Answer, r)
		}
	}
	if network == "tcp" {
		s.byTCP.Add(1)
	} else if len(m.Answer) > 20 {
		m.Answer, m.Truncated = nil, true
	}
	return m
}

func (s *stub) ask(t *testing.T, q Question) Answer {
	t.Helper()
	answer, err := DNSAt(s.addr).Lookup(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

var byAddr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func TestRecordsAreRead(t *testing.T) {
	s := newStub(t, dns.RcodeSuccess,
		`h. 300 IN NAPTR 10 20 "s" "SIP+D2U" "" _SIP._udp.h.`,
		`_sip._udp.h. 200 IN SRV 1 2 5060 A.h.`,
		`_sip._udp.h. 100 IN SRV 3 4 5070 .`,
		`a.h. 60 IN A 192.0.2.1`, `a.h. 50 IN A 192.0.2.2`, `a.h. 40 IN AAAA 2001:db8::1`,
		`other. 5 IN A 192.0.2.66`)
	for _, row := range []struct {
		question Question
		want     Answer
	}{
		{Question{NAPTR, "h"}, Answer{Pointers: []Pointer{{10, 20, "s", "SIP+D2U", "_sip._udp.h"}}, TTL: 300 * time.Second}},
		{Question{SRV, "_sip._udp.h"}, Answer{Servers: []Server{{1, 2, 5060, "a.h"}, {3, 4, 5070, "."}}, TTL: 100 * time.Second}},
		{Question{A, "A.H"}, Answer{Addrs: addrs("192.0.2.1", "192.0.2.2").Addrs, TTL: 50 * time.Second}},
		{Question{AAAA, "a.h."}, Answer{Addrs: addrs("2001:db8::1").Addrs, TTL: 40 * time.Second}},
	} {
		if diff := cmp.Diff(row.want, s.ask(t, row.question), byAddr); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", row.question.Kind, row.question.Name, diff)
		}
	}
}

func TestAnAliasIsFollowedAndShortensTheLife(t *testing.T) {
	s := newStub(t, dns.RcodeSuccess, `a.h. 60 IN A 192.0.2.1`, `gw.h. 30 IN CNAME mid.h.`, `mid.h. 20 IN CNAME a.h.`)
	want := Answer{Addrs: addrs("192.0.2.1").Addrs, TTL: 20 * time.Second}
	if diff := cmp.Diff(want, s.ask(t, Question{A, "gw.h"}), byAddr); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	loop := newStub(t, dns.RcodeSuccess, `x.h. 60 IN CNAME y.h.`, `y.h. 60 IN CNAME x.h.`)
	if got := loop.ask(t, Question{A, "x.h"}); !got.empty() {
		t.Errorf("a loop leads to %v", got)
	}
}

func TestThatThereIsNothingIsAnAnswer(t *testing.T) {
	s := newStub(t, dns.RcodeNameError, `h. 900 IN SOA ns.h. root.h. 1 2 3 4 120`)
	if got := s.ask(t, Question{SRV, "_sip._udp.h"}); !got.empty() || got.TTL != 2*time.Minute {
		t.Errorf("answer %+v", got)
	}
}

func TestALongAnswerComesByTCP(t *testing.T) {
	var zone []string
	for i := range 60 {
		zone = append(zone, "_sip._udp.h. 60 IN SRV 1 2 5060 a-host-with-a-long-name-"+strconv.Itoa(i)+".h.")
	}
	s := newStub(t, dns.RcodeSuccess, zone...)
	if got := s.ask(t, Question{SRV, "_sip._udp.h"}); len(got.Servers) != 60 || s.byTCP.Load() != 1 {
		t.Errorf("%d servers, %d times by TCP", len(got.Servers), s.byTCP.Load())
	}
}

func TestTheNextServerIsAskedIfOneFails(t *testing.T) {
	broken, good := newStub(t, dns.RcodeServerFailure), newStub(t, dns.RcodeSuccess, `a.h. 60 IN A 192.0.2.1`)
	got, err := DNSAt(broken.addr, good.addr).Lookup(t.Context(), Question{A, "a.h"})
	if err != nil || !slices.Equal(got.Addrs, addrs("192.0.2.1").Addrs) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := DNSAt(broken.addr).Lookup(t.Context(), Question{A, "a.h"}); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("a failure is told as %v", err)
	}
	asked := good.asked.Load()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := DNSAt(good.addr).Lookup(ctx, Question{A, "a.h"}); !errors.Is(err, ErrNoAnswer) || good.asked.Load() != asked {
		t.Errorf("after the end: %v", err)
	}
}

func TestTheServersAreThoseOfTheSystem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	dns := SystemDNS(file)
	if got := dns.servers(); !slices.Equal(got, []string{"127.0.0.1:53"}) {
		t.Errorf("without a file: %v", got)
	}
	for _, row := range []struct{ text, want string }{
		{"nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch h\n", "192.0.2.1:53 [2001:db8::1]:53"},
		{"nameserver 192.0.2.2\n", "192.0.2.2:53"},
		{"", "127.0.0.1:53"},
	} {
		if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(dns.servers(), " "); got != row.want {
			t.Errorf("of %q: %s", row.text, got)
		}
	}
}

func TestWhatIsNoNameIsNotAskedFor(t *testing.T) {
	s := newStub(t, dns.RcodeSuccess)
	if _, err := DNSAt(s.addr).Lookup(t.Context(), Question{A, "a..b"}); err == nil || s.asked.Load() != 0 {
		t.Errorf("asked %d times, error %v", s.asked.Load(), err)
	}
}

// The whole way: records on the wire, candidates in the book.
func TestABookOverTheWire(t *testing.T) {
	s := newStub(t, dns.RcodeSuccess,
		`h. 300 IN NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.h.`,
		`_sip._tcp.h. 300 IN SRV 1 7 5070 a.h.`, `a.h. 300 IN A 192.0.2.1`)
	bare := Service{Host: "h"}
	b := NewBook([]Service{bare}, []Transport{UDP, TCP}, DNSAt(s.addr).Lookup)
	b.update(t.Context(), bare, b.pages[bare])
	if got := written(b.Candidates(bare)); got != "1/7 tcp 192.0.2.1:5070" {
		t.Errorf("candidates %q", got)
	}
}

func FuzzReply(f *testing.F) {
	q := new(dns.Msg)
	q.SetQuestion("h.", dns.TypeSRV)
	if packed, err := q.Pack(); err == nil {
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		reply := new(dns.Msg)
		if reply.Unpack(data) != nil {
			return
		}
		find := func(asked Question) (Answer, bool) {
			return answerOf(reply, dns.Question{Name: dns.Fqdn(asked.Name), Qtype: typeOf(asked.Kind), Qclass: dns.ClassINET}), true
		}
		if n := len(Expand(Service{Host: "h"}, []Transport{UDP, TCP, TLS}, find)); n > maxCandidates {
			t.Errorf("%d candidates", n)
		}
	})
}
