package recording

import (
	"time"

	"golang.org/x/sys/unix"
)

// polite is by how much a thread is nicer that lets others go first: it gets a ninth of what they have (sched(7);
// the kernel's weights are 110 and 1024). At the most, nice 19, it is a sixty-eighth, with which one
// recording had holes beside 18 busy threads on two processors.
const polite = 10

// yield lets all other threads go before this one. Nobody is refused that; where it should happen
// the thread is as the others.
func yield() {
	if nice, err := niceness(); err == nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), min(nice+polite, 19))
	}
}

// niceness is this thread's. The system call tells it from 40 to 1, since less than 0 is an error
// (getpriority(2)).
func niceness() (int, error) {
	told, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
	return 20 - told, err
}

// sleep is the thread's own: time.Sleep has the runtime wake another thread, which wakes this one. It
// may be cut short by a signal, which does no harm.
func sleep(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&t, nil)
}
