package relay

import "time"

// ledger keeps the state of every port pair by its RTP port. It is told the time and the luck.
type ledger struct {
	rest    time.Duration
	free    []uint16
	resting []resting // in order of their time
	used    int
}

type resting struct {
	port  uint16
	until time.Time
}

func newLedger(ports PortRange, rest time.Duration) *ledger {
	l := &ledger{rest: rest, free: make([]uint16, 0, ports.pairs())}
	for i := range ports.pairs() {
		l.free = append(l.free, uint16(ports.even()+2*i))
	}
	return l
}

// draw takes one of the free pairs by lot: never the first, so that the port of the next call
// can't be foretold. The lot is a number below its argument.
func (l *ledger) draw(now time.Time, lot func(below int) int) (port uint16, ok bool) {
	l.wake(now)
	if len(l.free) == 0 {
		return 0, false
	}
	i, last := lot(len(l.free)), len(l.free)-1
	port = l.free[i]
	l.free[i] = l.free[last]
	l.free = l.free[:last]
	l.used++
	return port, true
}

// putBack frees a pair that was drawn and never shown to anybody.
func (l *ledger) putBack(port uint16) {
	l.used--
	l.free = append(l.free, port)
}

// retire lets a pair rest: its call is over, or somebody else was found to use it.
func (l *ledger) retire(port uint16, now time.Time) {
	l.used--
	l.resting = append(l.resting, resting{port: port, until: now.Add(l.rest)})
}

// wake frees the pairs that have rested. All rest equally long, so the first wakes first.
func (l *ledger) wake(now time.Time) {
	awake := 0
	for awake < len(l.resting) && !now.Before(l.resting[awake].until) {
		l.free = append(l.free, l.resting[awake].port)
		awake++
	}
	l.resting = l.resting[awake:]
}

func (l *ledger) usage(now time.Time) Usage {
	l.wake(now)
	return Usage{Free: len(l.free), Resting: len(l.resting), Used: l.used}
}
