//go:build !linux

package recording

import "time"

// yield does nothing: what a thread is worth is a process's elsewhere.
func yield() {}

func sleep(d time.Duration) { time.Sleep(d) }
