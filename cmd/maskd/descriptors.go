package main

import (
	"os"

	"golang.org/x/sys/unix"

	"maskd/cmd/maskd/config"
)

// aside is how many descriptors are enough for all that is no port of a call.
const aside = 1024

// descriptorsFor is how many descriptors a daemon may need: one for each port of each address
// that sound arrives at.
func descriptorsFor(m config.Media) int {
	return (int(m.Ports.Last)-int(m.Ports.First)+1)*max(1, len(m.Listen)) + aside
}

// makeRoomFor has the kernel's table have room for that many descriptors, or for as many as may be
// open. Else it doubles whenever it is full, and who opens the next waits until each processor has
// seen that: for 13 ms there was no call set up. Where it fails it is as before.
func makeRoomFor(descriptors int) {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return
	}
	defer func() { _ = null.Close() }()
	last := int(min(uint64(descriptors), limit.Cur)) - 1
	if fd, err := unix.FcntlInt(null.Fd(), unix.F_DUPFD_CLOEXEC, last); err == nil {
		_ = unix.Close(fd)
	}
}
