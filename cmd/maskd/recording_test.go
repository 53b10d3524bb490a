package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"maskd/cmd/maskd/admin"
	"maskd/media/recording"
	"maskd/media/relay"
)

// TestACallIsRecordedEndToEnd has two talk through the daemon, and the auditor hear
// each of them on a side of his own, word for word; nobody else can hear anything.
func TestACallIsRecordedEndToEnd(t *testing.T) {
	t.Parallel()
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	const taped = "taped"
	s := newSite(t, line{name: taped, transport: "udp"})
	s.write(t, "maskd.yaml", s.configuration()+fmt.Sprintf("recording: {directory: recordings, auditors: [%s]}\n", auditor.Recipient()))
	s.write(t, "auditor.key", auditor.String()+"\n")
	if err := os.Mkdir(filepath.Join(s.dir, "recordings"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write(t, "recordings/rec_lost.wav.age", "") // left by a crash
	s.start(t)
	c := s.converse(t, s.line(taped), withoutEvents, withoutEvents, "--record", "agreed")
	c.a.timed, c.b.timed = true, true // or the recording would find what they say after a pause too late
	c.dial(t)
	c.talk(100)
	call := s.live(t)
	c.settle()
	s.maskd(t, "", "recording", "pause", call)
	hidden := len(c.saidA)
	c.talk(50)
	c.settle()
	s.maskd(t, "", "recording", "resume", call)
	shown := len(c.saidA)
	c.talk(100)
	c.settle()
	c.hangUp(t, s)

	m := s.recording(t)
	if m.Ended != recording.EndedWithCall || len(m.Parts) != 1 || len(m.Spans) != 3 || m.Dropped != [2]uint64{} || m.Late != 0 {
		t.Errorf("the manifest is %+v", m)
	}
	s.maskd(t, "", "recording", "verify", m.ID)
	s.maskd(t, "", "recording", "export", "--identity", "auditor.key", "--reason", "complaint 4711 of the rider", m.ID)
	left, right := s.sides(t, m.ID+".wav")
	// What was under way when the recording was paused may be on either side of it.
	const slack = 2
	said := func(words []string) []string {
		return append(append([]string(nil), words[:hidden-slack]...), words[shown+slack:]...)
	}
	if n, m := missing(left, said(c.saidA)), missing(right, said(c.saidB)); n+m != 0 {
		t.Errorf("%d words of A and %d of B are not on the recording", n, m)
	}
	if n, m := len(c.saidA)-missing(left, c.saidB), len(c.saidB)-missing(right, c.saidA); n+m != 0 {
		t.Errorf("%d words of B are on A's side, %d of A on B's", n, m)
	}
	paused := hidden + slack
	if n := shown - slack - paused - missing(left, c.saidA[paused:shown-slack]); n != 0 {
		t.Errorf("%d words are on the recording that was paused", n)
	}
	cdr := s.cdrs(t, c.line)[0]
	if told := string(s.maskd(t, "", "audit", "list", "--json", "--limit", "1000")); !strings.Contains(told, "recording.make") || !strings.Contains(told, m.ID) {
		t.Error("the audit log does not tell of the recording")
	} else if !strings.Contains(told, "recording.erase") || !strings.Contains(told, "rec_lost.wav.age") {
		t.Error("the audit log does not tell of what a crash had left")
	}
	if told := string(s.maskd(t, "", "event", "list", "--json")); !strings.Contains(told, `"type": "recording.ready"`) || !strings.Contains(told, m.ID) {
		t.Errorf("no event tells of the recording:\n%s", told)
	}
	if !cdr.Recorded || cdr.Record != "agreed" {
		t.Errorf("the record says %q, recorded: %v", cdr.Record, cdr.Recorded)
	}
	if found := string(output(t, exec.CommandContext(t.Context(), "soxi", s.path(m.ID+".wav")))); !strings.Contains(found, "Channels       : 2") {
		t.Errorf("sox finds %s", found)
	}
	s.maskd(t, "", "interaction", "erase", "--reason", "the rider has asked for it", m.Interaction)
	for _, p := range m.Parts {
		if _, err := os.Stat(s.path("recordings/" + p.File)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", p.File, err)
		}
	}
	if found := s.cdrs(t, c.line); len(found) != 0 {
		t.Errorf("%d records of its calls are read", len(found))
	}
	s.stop(t)
	s.check(t)
}

// live is the id of the one live call.
func (s *site) live(t *testing.T) string {
	t.Helper()
	calls := read[admin.Page[admin.Call]](t, s.maskd(t, "", "call", "list", "--json")).Data
	if len(calls) != 1 {
		t.Fatalf("%d calls are live", len(calls))
	}
	return calls[0].ID
}

// recording is the one recording, once it is over.
func (s *site) recording(t *testing.T) (m recording.Manifest) {
	t.Helper()
	await(t, "the recording", func() bool {
		found := read[admin.Page[recording.Manifest]](t, s.maskd(t, "", "recording", "list", "--json")).Data
		if len(found) == 1 {
			m = found[0]
		}
		return m.Ended != ""
	})
	return m
}

// sides reads an exported recording: what is on the left and on the right.
func (s *site) sides(t *testing.T, name string) (left, right []byte) {
	t.Helper()
	file, err := os.ReadFile(s.path(name))
	if err != nil {
		t.Fatal(err)
	}
	_, samples, _ := bytes.Cut(file, []byte("data"))
	for frame := samples[4:]; len(frame) >= 4; frame = frame[4:] {
		left, right = append(left, frame[:2]...), append(right, frame[2:4]...)
	}
	return left, right
}

// missing counts the words that are not on a side.
func missing(side []byte, words []string) (n int) {
	for _, word := range words {
		var sound []byte
		for _, octet := range []byte(word + "\x00") {
			sound = binary.LittleEndian.AppendUint16(sound, uint16(relay.Linear(relay.PCMA, octet)))
		}
		if !bytes.Contains(side, sound) {
			n++
		}
	}
	return n
}
