//go:build linux

// Package place keeps the rest of a daemon from one of the places in which Go may run, but for
// those who would hold the others up.
//
// Whoever waits for the disk, or computes for milliseconds, needs a place beside those of the
// processors (see runtime.GOMAXPROCS). But a place that nobody has costs calls: whenever one
// goroutine lets another go on, the scheduler wakes a thread to do that there. Where there is but
// one processor that is for nothing, and takes a tenth of it.
package place

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// turn is how long the place is sat in at once. The scheduler asks for the thread by a signal, which
// ends that; but the garbage collector, which does so once for each stack, spins until it is heard,
// and in rare cases is not (runtime.suspendG).
const turn = 10 * time.Millisecond

// Spare is a place that is kept free for those who [Spare.Run] something in it. Safe for use by
// many goroutines.
type Spare struct {
	after   time.Duration
	wake    int // an eventfd
	used    chan struct{}
	over    chan struct{} // closed by Close
	running sync.WaitGroup
	users   atomic.Int64 // those who run something, and one for ever once it is closed

	mu   sync.Mutex // of wake
	gone bool       // it is closed: its number may be another's
}

// Keep keeps a place for so long after each use of it; then nothing is kept until the next. The
// caller has made one more than are needed without it. It fails where the system has no descriptor
// left.
func Keep(after time.Duration) (*Spare, error) {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("keep place: %w", os.NewSyscallError("eventfd", err))
	}
	s := &Spare{after: after, wake: wake, used: make(chan struct{}, 1), over: make(chan struct{})}
	s.running.Go(s.run)
	return s, nil
}

// Run runs what waits for the disk or takes long, while the place is free. A nil one only runs it.
func (s *Spare) Run(work func()) {
	if s != nil {
		s.enter()
		defer s.leave()
	}
	work()
}

// Close ends the keeping and waits for that. What is run meanwhile or after it runs as it is.
func (s *Spare) Close() {
	s.enter()
	close(s.over)
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	_ = unix.Close(s.wake)
}

func (s *Spare) enter() {
	if s.users.Add(1) > 1 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(s.wake, one[:]) // it fails on a full counter only, which wakes as well
}

func (s *Spare) leave() {
	if s.users.Add(-1) > 0 {
		return
	}
	select {
	case s.used <- struct{}{}:
	default:
	}
}

func (s *Spare) run() {
	for {
		select {
		case <-s.used:
			s.keep()
		case <-s.over:
			return
		}
	}
}

// keep keeps the place until somebody wants it, or nobody has for some time. Those who are ready
// to run in it go first: nobody else may have the time to.
func (s *Spare) keep() {
	for until := time.Now().Add(s.after); time.Now().Before(until); {
		runtime.Gosched()
		s.forget()
		if s.users.Load() > 0 {
			return
		}
		s.sit()
	}
}

// forget forgets that somebody wanted the place: whoever does so from now on wakes us.
func (s *Spare) forget() {
	var count [8]byte
	_, _ = unix.Read(s.wake, count[:]) // it fails where nobody did
}

// sit waits for who wants the place, for a turn or until a signal. The scheduler is not told that
// it may block: else it would give the place to others.
func (s *Spare) sit() {
	wake := unix.PollFd{Fd: int32(s.wake), Events: unix.POLLIN}
	patience := unix.NsecToTimespec(int64(turn))
	_, _, _ = unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&wake)), 1, uintptr(unsafe.Pointer(&patience)), 0, 0, 0)
}
