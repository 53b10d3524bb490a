package edge

import (
	"crypto/rand"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
	"maskd/sip/dialplan"
	"maskd/sip/leg"
)

// sdp is an offer; this package never reads one.
const sdp = "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

// carrier is a trunk that accepts a few addresses.
func carrier(accept ...string) Trunk {
	t := Trunk{Name: "carrier", Caller: CallerPAIOrFrom, Format: dialplan.E164(),
		Gateways: []Gateway{{Network: UDP, Host: "192.0.2.9", Port: 5062}}}
	for _, prefix := range accept {
		t.Accept = append(t.Accept, netip.MustParsePrefix(prefix))
	}
	return t
}

// lines are the lines of a message, to be changed one at a time.
type lines []string

// invite returns a well-formed INVITE.
func invite() lines {
	return lines{
		"INVITE sip:+15550100001@192.0.2.50 SIP/2.0",
		"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKonce;rport",
		"Max-Forwards: 70",
		"From: <sip:+919876543210@caller.invalid>;tag=callertag",
		"To: <sip:+15550100001@192.0.2.50>",
		"Call-ID: call-of-the-caller",
		"CSeq: 7 INVITE",
		"Contact: <sip:caller@192.0.2.9:5060>",
		"Content-Type: application/sdp",
	}
}

// options returns a well-formed OPTIONS.
func options() lines {
	return lines{
		"OPTIONS sip:192.0.2.50 SIP/2.0",
		"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKoptions;rport",
		"Max-Forwards: 70",
		"From: <sip:probe@caller.invalid>;tag=probetag",
		"To: <sip:192.0.2.50>",
		"Call-ID: probe",
		"CSeq: 1 OPTIONS",
	}
}

// with replaces every header of the line's name by the line, or adds it.
func (l lines) with(line string) lines {
	name, _, _ := strings.Cut(line, ":")
	return append(l.without(name), line)
}

// without removes every header of that name.
func (l lines) without(name string) lines {
	return slices.DeleteFunc(slices.Clone(l), func(line string) bool { return strings.HasPrefix(line, name+":") })
}

// and adds a line, whatever is there already.
func (l lines) and(line string) lines { return append(slices.Clone(l), line) }

// start replaces the start line.
func (l lines) start(line string) lines {
	changed := slices.Clone(l)
	changed[0] = line
	return changed
}

func (l lines) text(body string) string {
	return strings.Join(l, "\r\n") + "\r\n\r\n" + body
}

// request parses a request.
func request(tb testing.TB, l lines, body string) *sip.Request {
	tb.Helper()
	msg, err := newParser().ParseSIP([]byte(l.text(body)))
	if err != nil {
		tb.Fatalf("parse: %v", err)
	}
	return msg.(*sip.Request)
}

func number(tb testing.TB, e164 string) mapping.Number {
	tb.Helper()
	n, err := mapping.ParseNumber(e164)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// newListener returns a listener that has no socket, for what is composed.
func newListener(n Network) *listener {
	e := &Edge{tokens: newTokens(rand.Reader), aftermath: newAftermath()}
	e.peering.Store(new(peering))
	l := &listener{edge: e, network: n,
		addr: netip.MustParseAddrPort("192.0.2.50:5060"), host: "192.0.2.50"}
	l.local = l.departure()
	return l
}

// switchboard is who takes the calls: it refuses each, or lets it ring until it
// is cancelled, and keeps what it hears.
type switchboard struct {
	full  bool           // takes no call
	rings bool           // refuses no call
	admit func(*Inbound) // while the call is being admitted

	mu    sync.Mutex
	heard []leg.InputKind
}

func (s *switchboard) Admit(in *Inbound) Call {
	if s.admit != nil {
		s.admit(in)
	}
	if s.full {
		return nil
	}
	return &operator{in: in, board: s}
}

func (s *switchboard) inputs() []leg.InputKind {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// operator handles one call of a switchboard.
type operator struct {
	in    *Inbound
	board *switchboard
}

func (o *operator) Put(s Signal) bool {
	o.board.mu.Lock()
	defer o.board.mu.Unlock()
	o.board.heard = append(o.board.heard, s.In.Kind)
	if s.lost { // it may come while Start still has the leg
		return true
	}
	switch _, ok := o.in.Heard(s); {
	case ok && s.In.Kind == leg.GotBye:
		_ = o.in.Do(leg.Action{Do: leg.AcceptBye}, nil)
		_ = o.in.Do(leg.Action{Do: leg.SendFinal, Cause: leg.CauseCancelled}, nil)
		o.in.Close()
	case ok && s.In.Kind == leg.GotCancel:
		o.in.Close()
	}
	return true
}

func (o *operator) Run() {
	if o.board.rings {
		_ = o.in.Do(leg.Action{Do: leg.SendRinging}, nil)
		return
	}
	_ = o.in.Do(leg.Action{Do: leg.SendFinal, Cause: leg.CauseRefused}, nil)
	o.in.Close()
}
