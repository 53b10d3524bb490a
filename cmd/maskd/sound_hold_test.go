package main

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
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

// TestSoftphoneHoldsAndResumes has baresip on both sides. While one of them
// holds the call he is sent no sound; once he resumes, both are.
func TestSoftphoneHoldsAndResumes(t *testing.T) {
	for i, holder := range []string{"caller", "callee"} {
		t.Run(holder+" holds", func(t *testing.T) { holdAndResume(t, 5+i, holder == "callee") })
	}
}

func holdAndResume(t *testing.T, number int, calleeHolds bool) {
	s := newSite(t, number, line{name: holdLine, transport: "udp"})
	s.start(t)
	w := s.witness(t)
	l := s.line(holdLine)
	const rate, length = 8000, 30
	s.write(t, "a.wav", wav(rate, 1, noise(1, rate*length)))
	s.write(t, "b.wav", wav(rate, 1, noise(2, rate*length)))
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	s.softphone(t, l.callee, l.number('b', 0), "audio_codecs=PCMA", "b.wav")
	a := s.softphone(t, l.caller, l.number('a', 0), "audio_codecs=PCMA", "a.wav", "-e", "/dial sip:"+i.Parties.A.Dial+"@"+s.addr(1).String())
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	holder := l.caller
	if calleeHolds {
		holder = l.callee
	}
	const talk = 2 * time.Second
	time.Sleep(talk)
	press(t, holder, "hold")
	time.Sleep(talk / 4) // what was under way
	w.mark(t, heldMoment)
	time.Sleep(talk)
	w.mark(t, resumeMoment)
	press(t, holder, "resume")
	time.Sleep(talk / 4)
	w.mark(t, resumedMoment)
	time.Sleep(talk)
	w.mark(t, overMoment)
	a.off()
	await(t, "the call to end", func() bool { return !s.talking(t, l) })
	s.expectCDRs(t, l, "answered by caller 200")
	s.checkHold(t, w, holder)
}

// checkHold expects sound to both sides before and after the hold, and none to
// the holder during it.
func (s *site) checkHold(t *testing.T, w *witness, holder netip.Addr) {
	t.Helper()
	l := s.line(holdLine)
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
