package main

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// leaveNoCore keeps a crash from leaving the process's memory anywhere: numbers, keys and
// sound are in it. The limit is for files; a core that the kernel would hand to a program
// is not bound by it (core(5)), so that the process says that it has none. Then nobody
// but root reads its memory while it runs, either.
func leaveNoCore() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid reading of memory: %w", err)
	}
	return nil
}
