package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// speechFile is speech in G.711 A-law that comes with sipp: Ethernet frames of
// RTP packets of 30 ms each.
const speechFile = "/usr/share/sip-tester/g711a.pcap"

// agent is sipp on one side of calls. Both sides play the recording, the
// callee backwards, so that each direction sounds of its own.
type agent struct {
	name    string
	errors  string // the file of what went wrong
	command *exec.Cmd
	ended   chan error // holds how it ended
}

// callee starts sipp as the carrier of a line's callees, for so many calls.
func (s *site) callee(t *testing.T, l line, scenario, number string, calls int, more ...string) *agent {
	t.Helper()
	more = append(more, "-key", "number", number, "-m", fmt.Sprint(calls))
	a := s.agent(t, l, scenario, l.callee, more...)
	await(t, a.name+" to listen", func() bool { return bound(t, l.transport, l.callee) || len(a.ended) > 0 })
	return a
}

// caller starts sipp as the carrier of a line's callers, which call one after
// the other: each is a number and the DID that it dials.
func (s *site) caller(t *testing.T, l line, scenario string, callers [][2]string, calls int, more ...string) *agent {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("SEQUENTIAL\n")
	for _, c := range callers {
		rows.WriteString(c[0] + ";" + c[1] + "\n")
	}
	list := scenario + "-" + l.name + ".csv"
	s.write(t, list, rows.String())
	more = append(more, "-inf", list, "-cid_str", "ocelot-%u-%p@%s", "-m", fmt.Sprint(calls), s.entrance(l).String()+":5060")
	return s.agent(t, l, scenario, l.caller, more...)
}

// entrance is where the callers of a line send their calls: to their proxy if
// there is one.
func (s *site) entrance(l line) netip.Addr {
	if l.proxy.IsValid() {
		return l.proxy
	}
	return s.addr(1)
}

func (s *site) agent(t *testing.T, l line, scenario string, at netip.Addr, more ...string) *agent {
	t.Helper()
	script, err := filepath.Abs("../../testdata/sipp/" + scenario + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(script); err != nil { // and so go test knows that the result depends on it
		t.Fatal(err)
	}
	a := &agent{
		name: scenario + " of " + l.name, errors: s.path(scenario + "-" + l.name + ".err"),
		ended: make(chan error, 1),
	}
	transport := map[string]string{"udp": "u1", "tcp": "t1"}[l.transport]
	a.command = exec.CommandContext(t.Context(), "sipp", append([]string{
		"-sf", script, "-nostdin", "-t", transport, "-i", at.String(), "-mi", at.String(), "-p", "5060",
		"-trace_err", "-error_file", a.errors, "-timeout", fmt.Sprint(patience.Seconds()), "-timeout_error",
	}, more...)...)
	a.command.Dir = s.dir
	if err := a.command.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		a.ended <- a.command.Wait()
	}()
	t.Cleanup(func() { a.kill(); <-over })
	return a
}

// wait expects that every call went as the scenario says.
func (a *agent) wait(t *testing.T) {
	t.Helper()
	if err := <-a.ended; err != nil {
		trouble, _ := os.ReadFile(a.errors)
		t.Errorf("%s: %v\n%s", a.name, err, trouble)
	}
}

// fail expects that the calls did not go as the scenario says.
func (a *agent) fail(t *testing.T) {
	t.Helper()
	var ended *exec.ExitError
	if err := <-a.ended; !errors.As(err, &ended) {
		t.Errorf("%s: %v, want a failure", a.name, err)
	}
}

func (a *agent) kill() { _ = a.command.Process.Kill() }

// bound reports whether somebody has the SIP port at the address. It asks the
// kernel, because a packet would be taken for a call.
func bound(t *testing.T, transport string, at netip.Addr) bool {
	t.Helper()
	sockets, err := os.ReadFile("/proc/net/" + transport)
	if err != nil {
		t.Fatal(err)
	}
	raw := at.As4()
	return bytes.Contains(sockets, fmt.Appendf(nil, " %08X:%04X ", binary.NativeEndian.Uint32(raw[:]), 5060))
}

// writeSound writes what the two sides play.
func (s *site) writeSound(t *testing.T) {
	t.Helper()
	speech, err := speechOf(speechFile)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "caller.al", string(speech))
	for i, j := 0, len(speech)-1; i < j; i, j = i+1, j-1 {
		speech[i], speech[j] = speech[j], speech[i]
	}
	s.write(t, "callee.al", string(speech))
}

// speechOf reads the payloads out of a capture file of RTP.
func speechOf(file string) ([]byte, error) {
	const (
		fileHeader, recordHeader = 24, 16
		headers                  = 14 + 20 + 8 + 12 // Ethernet, IP, UDP, RTP
	)
	capture, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var speech []byte
	for at := fileHeader; at+recordHeader <= len(capture); {
		size := int(binary.LittleEndian.Uint32(capture[at+8:]))
		at += recordHeader
		if size < headers || at+size > len(capture) {
			return nil, fmt.Errorf("%s: a record of %d bytes", file, size)
		}
		speech = append(speech, capture[at+headers:at+size]...)
		at += size
	}
	return speech, nil
}
