package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// talk is a call as sipp plays it on both sides.
type talk struct {
	name           string
	transport      string
	caller, callee string // scenarios in testdata/sipp
	pairs          int    // interactions that call in turn
	calls          int
	swapped        bool   // B calls A
	want           string // of each CDR, as expectCDRs writes it
	answered       bool
	seconds        int // how long the one who hangs up talks
}

var talks = []talk{
	{
		name: "caller-hangs-up", transport: "udp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 1, calls: 1, want: "answered by caller 200", answered: true, seconds: 6, // long enough for RTCP
	},
	{
		name: "callee-hangs-up", transport: "udp", caller: "caller_is_hung_up", callee: "callee_hangs_up",
		pairs: 1, calls: 1, want: "answered by callee 200", answered: true, seconds: 2, swapped: true,
	},
	{
		name: "tcp", transport: "tcp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 1, calls: 1, want: "answered by caller 200", answered: true, seconds: 2,
	},
	{
		name: "tcp-callee-hangs-up", transport: "tcp", caller: "caller_is_hung_up", callee: "callee_hangs_up",
		pairs: 1, calls: 1, want: "answered by callee 200", answered: true, seconds: 2,
	},
	{
		name: "busy", transport: "udp", caller: "caller_meets_busy", callee: "callee_is_busy",
		pairs: 1, calls: 1, want: "busy by callee 486",
	},
	{
		name: "cancel", transport: "udp", caller: "caller_cancels", callee: "callee_is_cancelled",
		pairs: 1, calls: 1, want: "cancelled by caller 487",
	},
	{
		name: "many", transport: "udp", caller: "caller_hangs_up", callee: "callee_is_hung_up",
		pairs: 5, calls: 50, want: "answered by caller 200", answered: true, seconds: 1,
	},
}

// The lines beside those of the talks.
const (
	completedLine = "complete"
	strangerLine  = "stranger"
)

// TestCallsOfRealCarriersEndToEnd is issue 2 with the real thing: the daemon
// as it is installed, sipp on both sides with recorded speech, and tshark as
// the witness of every packet.
func TestCallsOfRealCarriersEndToEnd(t *testing.T) {
	t.Parallel()
	lines := []line{{name: completedLine, transport: "udp"}, {name: strangerLine, transport: "udp"}}
	for _, k := range talks {
		lines = append(lines, line{name: k.name, transport: k.transport})
	}
	s := newSite(t, lines...)
	s.writeSound(t)
	s.start(t)
	w := s.witness(t)

	t.Run("calls", func(t *testing.T) {
		for _, k := range talks {
			t.Run(k.name, func(t *testing.T) { t.Parallel(); s.talk(t, k) })
		}
		t.Run(completedLine, func(t *testing.T) { t.Parallel(); s.completeDuringCall(t) })
		t.Run(strangerLine, func(t *testing.T) { t.Parallel(); s.callFromStranger(t) })
	})
	if t.Failed() {
		return
	}
	w.mark(t, "the calls are over")
	plantFaults(t, s)
	w.mark(t, "the faults are planted")
	s.stop(t)

	calls, faults := w.before(w.dismiss(t), "the calls are over")
	t.Run("no leak", func(t *testing.T) { noLeak(t, s, calls) })
	t.Run("planted faults are found", func(t *testing.T) { foundFaults(t, s, calls, faults) })
	t.Run("sound", func(t *testing.T) {
		for _, k := range talks {
			if k.answered {
				t.Run(k.name, func(t *testing.T) { soundArrived(t, s, k, calls) })
			}
		}
	})
	t.Run("silence after complete", func(t *testing.T) { silentAfterComplete(t, s, calls) })
	t.Run("silence for strangers", func(t *testing.T) { silentForStrangers(t, s, calls) })
	t.Run("no number in a file", func(t *testing.T) { noNumberInFiles(t, s) })
}

// talk plays the calls of a talk, and reads what the CDRs say of them.
func (s *site) talk(t *testing.T, k talk) {
	s.playTalk(t, k, s.line(k.name))
}

// playTalk does so on a line that may be another one's other end.
func (s *site) playTalk(t *testing.T, k talk, l line) {
	t.Helper()
	var callers [][2]string
	for pair := range k.pairs {
		i := s.connect(t, l, l.number('a', pair), l.number('b', pair))
		if k.swapped {
			callers = append(callers, [2]string{l.number('b', pair), i.Parties.B.Dial})
		} else {
			callers = append(callers, [2]string{l.number('a', pair), i.Parties.A.Dial})
		}
	}
	called := l.number('b', 0)
	if k.swapped {
		called = l.number('a', 0)
	}
	length := []string{"-d", fmt.Sprint(k.seconds * 1000)}
	callee := s.callee(t, l, k.callee, called, k.calls, length...)
	caller := s.caller(t, l, k.caller, callers, k.calls, append(length, "-r", "10")...)
	caller.wait(t)
	callee.wait(t)
	s.expectCDRs(t, l, slices.Repeat([]string{k.want}, k.calls)...)
}

// expectCDRs expects one CDR for each call of the line: its outcome, who ended
// it, and the status that the caller was given.
func (s *site) expectCDRs(t *testing.T, l line, want ...string) {
	t.Helper()
	var got []string
	await(t, "the CDRs of "+l.name, func() bool {
		got = nil
		for _, c := range s.cdrs(t, l) {
			got = append(got, fmt.Sprintf("%s by %s %d", c.Outcome, c.EndedBy, c.Status))
			if talked := c.TalkedSeconds > 0; talked != (c.Outcome == "answered") {
				got = append(got, fmt.Sprintf("talked %v s", c.TalkedSeconds))
			}
		}
		// The last records may still be on their way to the disk.
		return len(got) >= len(want) && !slices.ContainsFunc(got, func(c string) bool { return c == "live by  0" })
	})
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CDRs of %s (-want +got):\n%s", l.name, diff)
	}
}

// completeDuringCall completes an interaction while its parties talk. Then it
// connects them no more, and what they are told is what a stranger to the
// interaction is told.
func (s *site) completeDuringCall(t *testing.T) {
	l := s.line(completedLine)
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	callee := s.callee(t, l, "callee_is_hung_up", l.number('b', 0), 1)
	again := [][2]string{{l.number('a', 0), i.Parties.A.Dial}}
	caller := s.caller(t, l, "caller_is_hung_up", again, 1)
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	time.Sleep(time.Second) // words to be cut off

	done := read[admin.Completed](t, s.maskd(t, "", "interaction", "complete", "--json", i.ID))
	if diff := cmp.Diff(admin.Completed{State: "completed", CallsEnded: 1}, done); diff != "" {
		t.Error(diff)
	}
	caller.wait(t)
	callee.wait(t)
	s.caller(t, l, "caller_is_refused", again, 1).wait(t)
	unknown := [][2]string{{l.number('a', 1), i.Parties.A.Dial}}
	s.caller(t, l, "caller_is_refused", unknown, 1).wait(t)
	s.expectCDRs(t, l, "answered by complete 200", "refused by policy 404", "refused by policy 404")
}

// callFromStranger calls from an address that no trunk accepts, as a party of
// a live interaction.
func (s *site) callFromStranger(t *testing.T) {
	l := s.line(strangerLine)
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	l.caller = strangerAddr(s)
	known := [][2]string{{l.number('a', 0), i.Parties.A.Dial}}
	s.caller(t, l, "caller_is_refused", known, 1, "-max_invite_retrans", "2").fail(t)
	s.callOverTCP(t, l, i.Parties.A.Dial)
	s.expectCDRs(t, l)
}

// callOverTCP expects the connection to be closed without a word.
func (s *site) callOverTCP(t *testing.T, l line, did string) {
	t.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: l.caller.AsSlice()}}
	conn, err := from.Dial("tcp", netip.AddrPortFrom(s.addr(1), 5060).String())
	if errors.Is(err, syscall.ECONNRESET) { // closed before we knew that it was open
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	to := "<sip:" + did + "@" + s.addr(1).String() + ">"
	_, _ = conn.Write(request("INVITE", conn.LocalAddr(), s.addr(1), l.number('a', 0), did, to, "stranger"))
	answer, err := io.ReadAll(conn)
	if len(answer) != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the stranger is answered %q, then %v", answer, err)
	}
}

func strangerAddr(s *site) netip.Addr { return s.addr(200) }

func noLeak(t *testing.T, s *site, packets []seen) {
	maskd := s.addr(1)
	for _, leak := range leaks(packets, maskd, calleeHosts(s), ofCallers(s)) {
		t.Errorf("of a caller, to a callee: %s", leak)
	}
	for _, leak := range leaks(packets, maskd, callerHosts(s), ofCallees(s)) {
		t.Errorf("of a callee, to a caller: %s", leak)
	}
	for _, source := range borrowed(packets, maskd) {
		t.Errorf("of the other side: %s", source)
	}
	for _, stray := range strays(packets, maskd) {
		t.Errorf("past maskd: %s", stray)
	}
	for _, fault := range unclean(packets, maskd) {
		t.Errorf("not clean: %s", fault)
	}
	kinds := make(map[string]int)
	for _, p := range packets {
		if p.from.Addr() != maskd {
			continue
		}
		for _, kind := range []string{"sip", "sdp", "rtp", "rtcp"} {
			if p.has(kind) {
				kinds[kind]++
			}
		}
	}
	t.Logf("%d packets seen; of maskd's: %v", len(packets), kinds)
	if len(kinds) != 4 {
		t.Error("not every kind of packet was searched")
	}
}

// plantFaults sends what noLeak must find: a number, a packet between the
// carriers, and a malformed message.
func plantFaults(t *testing.T, s *site) {
	callers, _ := partiesOf(s)
	l := s.line("busy")
	sip := func(host netip.Addr) netip.AddrPort { return netip.AddrPortFrom(host, 5060) }
	plant(t, s.addr(1), sip(l.callee), "MESSAGE sip:b@example.com SIP/2.0\r\nSubject: "+callers[0]+"\r\n\r\n")
	plant(t, l.caller, sip(l.callee), "past maskd")
	plant(t, s.addr(1), sip(l.caller), "SIP/2.0 200 OK\r\nTo <sip:b@example.com>\r\n\r\n")
}

func foundFaults(t *testing.T, s *site, calls, faults []seen) {
	maskd := s.addr(1)
	for what, found := range map[string]int{
		"leak":    len(leaks(faults, maskd, calleeHosts(s), ofCallers(s))),
		"stray":   len(strays(faults, maskd)),
		"unclean": len(unclean(faults, maskd)),
		"source":  len(borrowed(passedOn(calls, maskd), maskd)),
	} {
		if found == 0 {
			t.Errorf("the planted %s was not found", what)
		}
	}
}

// passedOn returns the packets, the first of RTP as if maskd had passed it on
// as it was. It can't be sent: what was no stream before is no RTP to tshark.
func passedOn(packets []seen, maskd netip.Addr) []seen {
	for _, p := range packets {
		if p.has("rtp") && p.to.Addr() == maskd {
			p.from, p.to = p.to, p.from
			return append(slices.Clone(packets), p)
		}
	}
	return packets
}

// inFlight is how many packets may be said while a bridge opens and closes. A machine that
// stood still has sipp send at once all that it would have said, up to a BYE that comes with
// it: what was said for so long before one may be under way.
const (
	inFlight = 10
	standing = time.Second
)

// soundArrived expects that what one side was sent is what the other one
// said, byte by byte, and that of a single call nothing is missing.
func soundArrived(t *testing.T, s *site, k talk, packets []seen) {
	l, maskd := s.line(k.name), s.addr(1)
	for _, way := range []struct{ from, to netip.Addr }{{l.caller, l.callee}, {l.callee, l.caller}} {
		said, got := heard(packets, way.from, maskd), heard(packets, maskd, way.to)
		if len(said) != k.calls || len(got) != k.calls {
			t.Errorf("in %d calls %s says %d streams and %s hears %d", k.calls, way.from, len(said), way.to, len(got))
		}
		for on, sound := range got {
			if !partOf(sound, said) {
				t.Errorf("what %s hears from port %d, nobody said", way.to, on.from)
			}
		}
		if k.calls > 1 {
			continue
		}
		during := until(packets, "BYE", l.caller, l.callee, maskd)
		before, after := count(heard(earlier(during, standing), way.from, maskd)), count(heard(during, maskd, way.to))
		t.Logf("from %s %d packets, to %s %d", way.from, before, way.to, after)
		if after == 0 || before-after > inFlight {
			t.Errorf("%s said %d packets and %s heard %d", way.from, before, way.to, after)
		}
	}
}

// earlier returns the packets without the last ones, of that time.
func earlier(packets []seen, than time.Duration) []seen {
	last := packets[len(packets)-1].at.Add(-than)
	return slices.DeleteFunc(slices.Clone(packets), func(p seen) bool { return p.at.After(last) })
}

// partOf reports whether the sound is an uninterrupted part of one that was said.
func partOf(sound [][]byte, said map[ports][][]byte) bool {
	for _, whole := range said {
		if bytes.Contains(bytes.Join(whole, nil), bytes.Join(sound, nil)) {
			return true
		}
	}
	return false
}

func count(sound map[ports][][]byte) (packets int) {
	for _, s := range sound {
		packets += len(s)
	}
	return packets
}

// silentAfterComplete expects a BYE on both legs, and after it no sound,
// though both go on talking.
func silentAfterComplete(t *testing.T, s *site, packets []seen) {
	l, maskd := s.line(completedLine), s.addr(1)
	for _, carrier := range []netip.Addr{l.caller, l.callee} {
		earlier := until(packets, "BYE", maskd, carrier)
		later := packets[len(earlier):]
		heardBefore := heard(earlier, maskd, carrier)
		talkedOn, heardAfter := heard(later, carrier, maskd), heard(later, maskd, carrier)
		t.Logf("%s heard %d packets before BYE; after it said %d and heard %d", carrier, count(heardBefore), count(talkedOn), count(heardAfter))
		if count(heardBefore) == 0 || count(talkedOn) == 0 || count(heardAfter) != 0 {
			t.Errorf("%s is not cut off", carrier)
		}
	}
}

// silentForStrangers expects that who is not accepted is told nothing at all.
func silentForStrangers(t *testing.T, s *site, packets []seen) {
	asked, told := sent(packets, strangerAddr(s), s.addr(1)), sent(packets, s.addr(1), strangerAddr(s))
	told = slices.DeleteFunc(told, func(p seen) bool { return len(p.payload) == 0 }) // TCP of the kernel's
	if len(asked) == 0 || len(told) != 0 {
		t.Errorf("the stranger sent %d packets and was told something in %d", len(asked), len(told))
	}
}

// noNumberInFiles searches what the daemon leaves on disk, and its log.
func noNumberInFiles(t *testing.T, s *site) {
	callers, callees := partiesOf(s)
	canary := new(siptest.Canary)
	for _, n := range append(callers, callees...) {
		canary.Text(n[3:]) // a log is so long that seven digits of a number are in it by chance
	}
	files := map[string][]byte{"the log": s.log.Bytes()}
	entries, err := os.ReadDir(s.path("var"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(s.path("var/" + e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		for _, what := range canary.Find(data) {
			t.Errorf("%s: %s", name, what)
		}
	}
}
