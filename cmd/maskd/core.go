package main

import (
	"fmt"
	"syscall"
)

// leaveNoCore keeps a crash from leaving the process's memory on the disk: numbers, keys
// and sound are in it.
func leaveNoCore() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
