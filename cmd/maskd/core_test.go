package main

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"
)

// The daemon's memory is on no disk, however it ends.
func TestNoCoreIsLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "coreless", transport: "udp"})
	s.start(t)
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.daemon.Process.Pid))
	if err != nil || !regexp.MustCompile(`Max core file size +0 +0 `).Match(limits) {
		t.Errorf("%v, of these limits:\n%s", err, limits)
	}
	s.stop(t)
}

// Nor does the kernel hand it to a program, whatever the system does with cores.
func TestNoCoreIsHandedOn(t *testing.T) {
	if err := leaveNoCore(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }()
	if is, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); is != 0 || err != nil {
		t.Errorf("it can be dumped: %d, %v", is, err)
	}
}
