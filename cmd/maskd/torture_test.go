package main

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// tortureLine has the call beside which the torture goes on.
const tortureLine = "torture"

// TestTortureBesideSound sends the messages of RFC 4475 to the running daemon
// from a host of the callee's carrier, over UDP and over TCP, while two people
// talk: each word must be heard, and the call end as if nothing had been.
func TestTortureBesideSound(t *testing.T) {
	t.Parallel()
	messages, err := siptest.Tortures("../../testdata/torture")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, line{name: tortureLine, transport: "udp"})
	rack := s.addr(40)
	accept := s.line(tortureLine).callee.String() + "/32"
	s.write(t, "maskd.yaml", strings.Replace(s.configuration(), accept, accept+", "+rack.String()+"/32", 1))
	s.start(t)
	c := s.converse(t, s.line(tortureLine), withoutEvents, withoutEvents)
	c.dial(t)

	socket := bind(t, rack)
	answers := make([]string, len(messages))
	var streams sync.WaitGroup
	for i, torture := range messages {
		_, _ = socket.WriteToUDPAddrPort([]byte(torture.Text), netip.AddrPortFrom(s.addr(1), 5060))
		streams.Go(func() { answers[i] = tortureOverTCP(rack, s.addr(1), torture.Text) })
		c.talk(2)
	}
	streams.Wait()
	c.settle()
	if n := c.a.missed(c.saidB) + c.b.missed(c.saidA); n != 0 {
		t.Errorf("%d of %d words were lost", n, len(c.saidA)+len(c.saidB))
	}
	checkStreams(t, messages, answers)
	c.hangUp(t, s)
	s.expectOneAnswered(t, c.line)
	s.stop(t)
	if !bytes.Contains(s.log.Bytes(), []byte(`"panics":0`)) {
		t.Error("the daemon does not say that no message caused a panic")
	}
}

// tortureOverTCP sends a message on a connection of its own, and returns the
// names of what is answered on it until it is closed or has been silent.
func tortureOverTCP(from, maskd netip.Addr, text string) string {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from.AsSlice()}}
	conn, err := dialer.Dial("tcp", netip.AddrPortFrom(maskd, 5060).String())
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	const silence = 3 * time.Second
	_ = conn.SetDeadline(time.Now().Add(silence))
	_, _ = io.WriteString(conn, text)
	said, _ := io.ReadAll(conn)
	var names []string
	for answer := range strings.SplitSeq(string(said), "\r\n\r\n") {
		if answer != "" {
			names = append(names, siptest.Parse([]byte(answer)).Name())
		}
	}
	return strings.Join(slices.Compact(names), ", ")
}

// checkStreams expects each message to be answered as over UDP, or, where a
// stream can't tell its end, not at all. What follows a message on a stream is
// another one, and may be answered too, before it or after it.
func checkStreams(t *testing.T, messages []siptest.Torture, answers []string) {
	t.Helper()
	answered := 0
	for i, torture := range messages {
		if answers[i] != "" {
			answered++
		}
		merged := torture.Want == "100, 404" && answers[i] == "482"  // it came over UDP too
		overtaken := torture.Name == "dblreq" && answers[i] == "400" // the stream is closed for what stands behind both
		if answers[i] != "" && !strings.Contains(", "+answers[i]+",", ", "+torture.Want+",") && !merged && !overtaken {
			t.Errorf("%s is answered %q over TCP, want %q", torture.Name, answers[i], torture.Want)
		}
	}
	t.Logf("%d of %d messages are answered over TCP", answered, len(messages))
	if answered == 0 {
		t.Error("nobody is answered anything over TCP")
	}
}

// expectOneAnswered expects one call to have been answered, and all others to
// have been refused.
func (s *site) expectOneAnswered(t *testing.T, l line) {
	t.Helper()
	var ends []string
	for _, cdr := range s.cdrs(t, l) {
		if cdr.Outcome != "refused" {
			ends = append(ends, cdr.Outcome+" by "+cdr.EndedBy)
		}
	}
	if !slices.Equal(ends, []string{"answered by caller"}) {
		t.Errorf("calls ended %q", ends)
	}
}
