package main

import (
	"fmt"
	"os"
	"regexp"
	"testing"
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
