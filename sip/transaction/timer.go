package transaction

import "time"

// The times of RFC 3261 section 17.1.1.1, and how long a transaction lasts at
// most (timers B, F, H and J).
const (
	T1   = 500 * time.Millisecond // an estimate of the round trip
	T2   = 4 * time.Second        // between two repetitions, at most
	T4   = 5 * time.Second        // how long a message may be on its way
	Life = 64 * T1
)

// Wake is what a transaction wants when it is woken.
type Wake uint8

// What a transaction may want.
const (
	Sleep Wake = iota + 1 // to be woken another time
	Try                   // a 100 to be sent, because nothing has been (section 17.2.1)
	Again                 // what it sent last to be sent again
	End                   // to be forgotten
)

// String returns the word for it.
func (w Wake) String() string {
	switch w {
	case Sleep:
		return "sleep"
	case Try:
		return "try"
	case Again:
		return "again"
	case End:
		return "end"
	default:
		return "unknown"
	}
}

// waits are what a transaction waits for; the zero ones wait for nothing.
type waits struct {
	again    time.Time     // to send once more (timers A, E and G)
	interval time.Duration // between the last time and that
	end      time.Time     // to end
}

// repeat has it send again after T1, and then less and less often.
func (w *waits) repeat(now time.Time) { w.again, w.interval = now.Add(T1), T1 }

// once notes that it sends again, and when it does the next time: after twice as
// long, but no longer than a bound.
func (w *waits) once(now time.Time, bound time.Duration) {
	w.interval = min(2*w.interval, bound)
	w.again = now.Add(w.interval)
}

// Due returns when the transaction wants to be woken; zero if it does not.
func (w *waits) Due() time.Time {
	if w.again.IsZero() || !w.end.IsZero() && w.end.Before(w.again) {
		return w.end
	}
	return w.again
}

// ended reports whether its time is over.
func (w *waits) ended(now time.Time) bool { return !w.end.IsZero() && !now.Before(w.end) }

// repeats reports whether it is time to send again.
func (w *waits) repeats(now time.Time) bool { return !w.again.IsZero() && !now.Before(w.again) }
