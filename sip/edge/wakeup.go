package edge

import "time"

// sleeper is who wants to be woken.
type sleeper interface{ wake() }

// wakeup wakes somebody at a time that may be changed. It belongs to whoever
// holds the sleeper's lock; the zero one is ready.
type wakeup struct{ timer *time.Timer }

// at sets the time; zero is never.
func (w *wakeup) at(due, now time.Time, who sleeper) {
	switch {
	case due.IsZero():
		w.stop()
	case w.timer == nil:
		w.timer = time.AfterFunc(due.Sub(now), who.wake)
	default:
		w.timer.Reset(due.Sub(now))
	}
}

func (w *wakeup) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}
