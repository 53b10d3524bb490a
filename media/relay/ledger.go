package relay

import "time"

const (
	// enough kept pairs are drawn from alone: among so many a port can't be foretold.
	enough = 256
	// mostOpen is how many pairs are open, those of calls and those that are kept, before those of calls that end are
	// closed: each costs some 5 KB of the system's memory.
	mostOpen = 16384
)

// ledger keeps the state of every port pair by its RTP port. It is told the time and the luck.
//
// A pair that was used may be kept open for another call: to open and close sockets was most of what a
// call's set-up took. It rests like any other before it is drawn again.
type ledger struct {
	rest    time.Duration
	most    int              // that are open, in use or kept, before none is kept any more
	closed  []uint16         // free, without sockets
	kept    map[berth][]pair // free, with their sockets
	spared  map[berth]int    // the fewest that were kept there since the last tidying
	resting []resting        // in order of their time, from awake on
	awake   int              // of resting: those that have woken, before there is reason to close the gap
	used    int
	open    int // pairs that are kept, those at rest too
}

type resting struct {
	pair  pair
	until time.Time
}

// newLedger makes one that keeps pairs as long as no more than so many are open.
func newLedger(ports PortRange, rest time.Duration, most int) *ledger {
	l := &ledger{
		rest: rest, most: most, closed: make([]uint16, 0, ports.pairs()),
		kept: make(map[berth][]pair), spared: make(map[berth]int),
	}
	for i := range ports.pairs() {
		l.closed = append(l.closed, uint16(ports.even()+2*i))
	}
	return l
}

// draw takes one of the free pairs by lot: never the first, so that the port of the next call
// can't be foretold. The lot is a number below its argument. A pair that is open is of that berth,
// unless none is left but those of others.
func (l *ledger) draw(now time.Time, at berth, lot func(below int) int) (p pair, ok bool) {
	l.wake(now)
	closed, kept := len(l.closed), len(l.kept[at])
	if kept >= enough {
		closed = 0
	}
	switch n := closed + kept; {
	case n > 0:
		p = l.take(at, lot(n))
	case !l.elsewhere(&at):
		return pair{}, false
	default:
		p = l.take(at, lot(len(l.kept[at])))
	}
	l.used++
	return p, true
}

// elsewhere gives a berth where a pair is kept.
func (l *ledger) elsewhere(at *berth) bool {
	for other, pairs := range l.kept {
		if len(pairs) > 0 {
			*at = other
			return true
		}
	}
	return false
}

// take takes the pair of an index: first come those that are kept at a berth, then the closed ones.
func (l *ledger) take(at berth, index int) (p pair) {
	kept := l.kept[at]
	if i := index - len(kept); i >= 0 {
		last := len(l.closed) - 1
		p.port, l.closed[i] = l.closed[i], l.closed[last]
		l.closed = l.closed[:last]
		return p
	}
	last := len(kept) - 1
	p, kept[index] = kept[index], kept[last]
	kept[last] = pair{}
	l.kept[at] = kept[:last]
	l.spared[at] = min(l.spared[at], last)
	l.open--
	return p
}

// keep tells whether a pair in use may stay open, and counts on it: it is retired open.
func (l *ledger) keep() bool {
	if l.used+l.open > l.most {
		return false
	}
	l.open++
	return true
}

// putBack frees a pair that was drawn and never shown to anybody, or that has rested. It is closed.
func (l *ledger) putBack(port uint16) {
	l.used--
	l.closed = append(l.closed, port)
}

// retire lets a pair rest: its call is over, or somebody else was found to use it.
func (l *ledger) retire(p pair, now time.Time) {
	l.used--
	l.resting = append(l.resting, resting{pair: p, until: now.Add(l.rest)})
}

// wake frees the pairs that have rested. All rest equally long, so the first wakes first.
func (l *ledger) wake(now time.Time) {
	for l.awake < len(l.resting) && !now.Before(l.resting[l.awake].until) {
		p := l.resting[l.awake].pair
		l.resting[l.awake] = resting{}
		l.awake++
		if p.open() {
			l.kept[p.berth] = append(l.kept[p.berth], p)
		} else {
			l.closed = append(l.closed, p.port)
		}
	}
	l.closeUp()
}

// closeUp moves those at rest to the front once as many have woken: each is moved once at most, and the room is
// used again.
func (l *ledger) closeUp() {
	if at := l.asleep(); l.awake >= len(at) {
		copy(l.resting, at)
		clear(at)
		l.resting, l.awake = l.resting[:len(at)], 0
	}
}

// asleep are those that rest still.
func (l *ledger) asleep() []resting { return l.resting[l.awake:] }

// empty takes pairs that are kept, so many at most, to be closed.
func (l *ledger) empty(most int) (kept []pair) {
	for at := range l.kept {
		for len(l.kept[at]) > 0 && len(kept) < most {
			p := l.take(at, 0)
			kept, l.closed = append(kept, p), append(l.closed, p.port)
		}
	}
	for i, r := range l.asleep() {
		if r.pair.open() && len(kept) < most {
			kept, l.asleep()[i].pair = append(kept, r.pair), r.pair.closed()
			l.open--
		}
	}
	return kept
}

// tidy takes the kept pairs that nobody needed since it was last asked: to be closed, then put back.
func (l *ledger) tidy(now time.Time) (spared []pair) {
	l.wake(now)
	for at := range l.kept {
		for range l.spared[at] {
			spared = append(spared, l.take(at, len(l.kept[at])-1))
		}
		l.spared[at] = len(l.kept[at])
	}
	l.used += len(spared)
	return spared
}

func (l *ledger) usage(now time.Time) Usage {
	l.wake(now)
	free := len(l.closed)
	for _, pairs := range l.kept {
		free += len(pairs)
	}
	return Usage{Free: free, Resting: len(l.asleep()), Used: l.used}
}
