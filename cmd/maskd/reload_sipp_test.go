package main

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

// A call outlives the trunks that it was set up on, and a daemon that is told to
// stop waits for it.
func TestACallOutlivesReloadAndStopEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "reload", transport: "udp"})
	l := s.line("reload")
	s.writeSound(t)
	s.start(t)
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	talk := func(milliseconds string) (caller, callee *agent) {
		callee = s.callee(t, l, "callee_is_hung_up", l.number('b', 0), 1, "-d", milliseconds)
		caller = s.caller(t, l, "caller_hangs_up", [][2]string{{l.number('a', 0), i.Parties.A.Dial}}, 1, "-d", milliseconds)
		await(t, "the call", func() bool { return s.talking(t, l) })
		return caller, callee
	}

	before := s.configuration()
	caller, callee := talk("4000")
	after := strings.ReplaceAll(before, l.caller.String(), s.addr(200).String())
	s.write(t, "maskd.yaml", strings.ReplaceAll(after, l.callee.String(), s.addr(201).String()))
	if said := string(s.maskd(t, "", "reload", "--json")); !strings.Contains(said, "reload-in") || !strings.Contains(said, "reload-out") {
		t.Errorf("reload says %s", said)
	}
	caller.wait(t)
	callee.wait(t)

	s.write(t, "maskd.yaml", before)
	s.maskd(t, "", "reload", "--json")
	caller, callee = talk("4000")
	if err := s.daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	caller.wait(t)
	callee.wait(t)
	if err := s.daemon.Wait(); err != nil {
		t.Errorf("daemon: %v; log:\n%s", err, &s.log)
	}
	if !strings.Contains(s.log.String(), `"msg":"draining","calls":1,`) {
		t.Errorf("no call was up when the daemon was stopped; log:\n%s", &s.log)
	}
	s.start(t)
	s.expectCDRs(t, l, "answered by caller 200", "answered by caller 200")
	s.stop(t)
}

// Who doesn't want to wait says so again, and the calls are hung up.
func TestASecondSignalHangsUpEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "hurry", transport: "udp"})
	l := s.line("hurry")
	s.writeSound(t)
	s.start(t)
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	callee := s.callee(t, l, "callee_is_hung_up", l.number('b', 0), 1)
	caller := s.caller(t, l, "caller_is_hung_up", [][2]string{{l.number('a', 0), i.Parties.A.Dial}}, 1)
	await(t, "the call", func() bool { return s.talking(t, l) })

	begun := time.Now()
	signal := func() {
		t.Helper()
		if err := s.daemon.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	signal()
	await(t, "the daemon to drain", func() bool {
		var p *admin.Problem
		return errors.As(s.client().Ready(t.Context()), &p) && p.Code == "draining"
	})
	if !s.talking(t, l) {
		t.Error("the first signal has ended the call")
	}
	signal()
	caller.wait(t)
	callee.wait(t)
	if err := s.daemon.Wait(); err != nil {
		t.Errorf("daemon: %v; log:\n%s", err, &s.log)
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("the daemon has waited for %v", took)
	}
}
