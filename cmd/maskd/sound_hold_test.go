package main

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// holdLine has the softphones that put each other on hold.
const holdLine = "hold"

// The moments of a call with a hold, as the witness has them.
const (
	heldMoment    = "the call is held"
	resumeMoment  = "somebody is about to resume"
	resumedMoment = "the call is resumed"
	overMoment    = "the call is over"
)

// held is a call that one of its two softphones holds for a while.
type held struct {
	name    string
	callee  bool // he holds it
	proxied bool // Kamailio is between each phone and maskd
}

// TestSoftphoneHoldsAndResumes has baresip on both sides. While one of them
// holds the call he is sent no sound; once he resumes, both are.
func TestSoftphoneHoldsAndResumes(t *testing.T) {
	t.Parallel()
	for _, k := range []held{
		{name: "caller holds"},
		{name: "callee holds", callee: true},
		{name: "caller holds behind proxies", proxied: true},
		{name: "callee holds behind proxies", callee: true, proxied: true},
	} {
		t.Run(k.name, func(t *testing.T) { t.Parallel(); holdAndResume(t, k) })
	}
}

func holdAndResume(t *testing.T, k held) {
	s := newSite(t, line{name: holdLine, transport: "udp"})
	s.start(t)
	w := s.witness(t)
	l := s.line(holdLine)
	phones, callerBy, calleeBy := l, s.addr(1), s.addr(1)
	if k.proxied {
		phones, callerBy, calleeBy = s.behind(l, "udp"), l.caller, l.callee
		s.proxy(t, l.caller, fmt.Sprintf("sip:%s:5060", s.addr(1)), "")
		s.proxy(t, l.callee, fmt.Sprintf("sip:%s:5060", phones.callee), "")
	}
	const rate, length = 8000, 30
	s.write(t, "a.wav", wav(rate, 1, noise(1, rate*length)))
	s.write(t, "b.wav", wav(rate, 1, noise(2, rate*length)))
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	s.softphoneBehind(t, calleeBy, phones.callee, l.number('b', 0), "audio_codecs=PCMA", "b.wav")
	a := s.softphoneBehind(t, callerBy, phones.caller, l.number('a', 0), "audio_codecs=PCMA", "a.wav",
		"-e", "/dial sip:"+i.Parties.A.Dial+"@"+s.addr(1).String())
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	holder := phones.caller
	if k.callee {
		holder = phones.callee
	}
	const talk = 2 * time.Second
	time.Sleep(talk)
	w.agreed(t, holder, func() { press(t, holder, "hold") })
	time.Sleep(talk / 4) // what was under way
	w.mark(t, heldMoment)
	time.Sleep(talk)
	w.mark(t, resumeMoment)
	w.agreed(t, holder, func() { press(t, holder, "resume") })
	w.mark(t, resumedMoment)
	time.Sleep(talk)
	w.mark(t, overMoment)
	a.off()
	await(t, "the call to end", func() bool { return !s.talking(t, l) })
	s.expectCDRs(t, l, "answered by caller 200")
	s.checkHold(t, w, phones, holder)
}

// checkHold expects sound to both sides before and after the hold, and none to
// the holder during it.
func (s *site) checkHold(t *testing.T, w *witness, l line, holder netip.Addr) {
	t.Helper()
	packets := w.dismiss(t)
	before, _ := w.before(packets, heldMoment)
	during, after := between(packets, heldMoment, resumeMoment), between(packets, resumedMoment, overMoment)
	const second = 50 // packets of 20 ms
	for _, phone := range []netip.Addr{l.caller, l.callee} {
		at := mouth(t, packets, phone)
		heardBefore, heardAfter := len(soundTo(before, at)), len(soundTo(after, at))
		if heardBefore < second || heardAfter < second {
			t.Errorf("%s heard %d packets before the hold and %d after it", phone, heardBefore, heardAfter)
		}
	}
	if n := len(soundTo(during, mouth(t, packets, holder))); n != 0 {
		t.Errorf("the holder heard %d packets", n)
	}
}

// agreed has a phone offer another session, and waits until the answer is on the wire.
func (w *witness) agreed(t *testing.T, phone netip.Addr, offer func()) {
	t.Helper()
	before := w.answers(t, phone)
	offer()
	await(t, "the answer to "+phone.String(), func() bool { return w.answers(t, phone) > before })
}

// answers is how many INVITEs of a phone were answered so far. One that is answered again
// counts once.
func (w *witness) answers(t *testing.T, phone netip.Addr) int {
	t.Helper()
	capture, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	packets, _ := framesOf(capture) // the last may be half there
	invites := make(map[int]bool)
	for _, p := range packets {
		if m := siptest.Parse(p.payload); p.to.Addr() == phone && m.Name() == "200" {
			invites[m.Seq()] = true
		}
	}
	return len(invites)
}

// between returns what was seen between two marks.
func between(packets []seen, first, last string) []seen {
	at := func(moment string) int {
		return slices.IndexFunc(packets, func(p seen) bool { return string(p.payload) == moment })
	}
	return packets[at(first):at(last)]
}

// press gives a softphone a command, as its owner would by a key.
func press(t *testing.T, host netip.Addr, command string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", netip.AddrPortFrom(host, 4444).String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	order := fmt.Sprintf(`{"command":%q,"token":"test"}`, command)
	if _, err := fmt.Fprintf(conn, "%d:%s,", len(order), order); err != nil { // a netstring
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	for {
		answer, err := answers.ReadString('}')
		if err != nil {
			t.Fatalf("baresip does not answer %s: %v", command, err)
		}
		if strings.Contains(answer, `"response":true`) {
			return
		}
	}
}
