package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

func traceOf(t *testing.T) admin.Trace {
	t.Helper()
	at := func(ms int) admin.Time {
		return admin.Time{Time: time.Date(2026, 11, 22, 4, 0, 0, ms*1e6, time.UTC)}
	}
	return admin.Trace{Call: "call_06h0", Crossings: []admin.Crossing{
		{At: at(0), Leg: "a", Method: "INVITE", SDP: true, Message: "INVITE, SDP"},
		{At: at(2), Leg: "b", Sent: true, Method: "INVITE", SDP: true, Message: "INVITE, SDP"},
		{At: at(40), Leg: "b", Method: "INVITE", Status: 486, Message: "486"},
		{At: at(41), Leg: "a", Sent: true, Method: "INVITE", Status: 486, Message: "486"},
	}}
}

func TestATraceIsALadder(t *testing.T) {
	const want = `            A                              maskd                                 B
     0.000s |--------- INVITE, SDP ---------->|                                 |
     0.002s |                                 |--------- INVITE, SDP ---------->|
     0.040s |                                 |<------------- 486 --------------|
     0.041s |<------------- 486 --------------|                                 |
`
	if got := ladderOf(traceOf(t)); got != want {
		t.Errorf("ladder is\n%s", got)
	}
}

// What is captured is SIP to tshark: the same messages between the same ends.
func TestACaptureIsReadByOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "call.pcapng")
	if err := capture(path, traceOf(t)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "tshark", "-r", path, "-Y", "sip", "-T", "fields", "-E", "separator=,",
		"-e", "ip.src", "-e", "ip.dst", "-e", "sip.Method", "-e", "sip.Status-Code", "-e", "sdp.version").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "192.0.2.1,192.0.2.2,INVITE,,0\n192.0.2.2,192.0.2.3,INVITE,,0\n192.0.2.3,192.0.2.2,,486,\n192.0.2.2,192.0.2.1,,486,\n"
	if got := string(out); got != want {
		t.Errorf("tshark reads\n%s", got)
	}
	if bad, err := exec.CommandContext(t.Context(), "tshark", "-r", path, "-Y", "_ws.malformed").Output(); err != nil || len(bytes.TrimSpace(bad)) != 0 {
		t.Errorf("tshark finds malformed\n%s%v", bad, err)
	}
	if err := capture(path, traceOf(t)); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a file that is there is overwritten: %v", err)
	}
}
