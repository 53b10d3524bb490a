package edge

import "time"

// What the governor holds to.
const (
	// maxSetup is how long a call's set-up may take us before we call it too long:
	// a small part of the half second after which everybody sends everything
	// again, and of what a caller notices.
	maxSetup = 40 * time.Millisecond
	// governed is how often it looks. Two slow looks in succession are an
	// overload; one may be a hiccup of the machine, after which the calls that
	// waited in the socket are set up late but set up.
	governed  = 100 * time.Millisecond
	slowLooks = 2
	// The bounds of a step of the window, and of the window itself. The most is
	// the safety net that holds without an overload too: so many calls in set-up
	// take the memory of as many goroutines, whatever is sent to us.
	leastStep, mostStep     = 0.5, 1.5
	leastWindow, mostWindow = 16, 4096
	// idle is after how long without a call what was measured is no longer true.
	idle = time.Second
)

// governor decides how many calls may be in set-up at once: any number while
// their set-up is quick, else as many as make it take as long as it may
// (CoDel's measure, and the window of TCP Vegas). It measures and needs no
// figure of what the machine can do. Time is an argument.
type governor struct {
	inSetup int
	waiting int     // of these, those that have not begun: nobody knows yet whether they are calls
	window  float64 // 0: no overload

	// Since the last look.
	looked time.Time
	set    int           // set-ups that came to an end
	took   time.Duration // all of them together
	shed   int
	slow   int // looks in succession at which the set-up was too slow
}

// admit asks for one more call.
func (g *governor) admit(now time.Time) bool {
	g.look(now)
	if g.inSetup >= g.most() {
		g.shed++
		return false
	}
	g.inSetup++
	g.waiting++
	return true
}

func (g *governor) most() int {
	if g.window == 0 {
		return mostWindow
	}
	return int(g.window)
}

// begin tells that one that was admitted is a call, and is being set up.
func (g *governor) begin() { g.waiting-- }

// settle tells that a call admitted so long ago is set up, or over already.
func (g *governor) settle(now time.Time, took time.Duration) {
	g.inSetup--
	g.set++
	g.took += took
	g.look(now)
}

// forget tells that one which was admitted has never begun.
func (g *governor) forget() {
	g.inSetup--
	g.waiting--
}

// look draws the conclusions of what was measured since the last look, if that
// was long enough ago.
func (g *governor) look(now time.Time) {
	if now.Sub(g.looked) < governed {
		return
	}
	mean := g.mean()
	if g.slow++; mean <= maxSetup {
		g.slow = 0
	}
	switch {
	case now.Sub(g.looked) > idle:
		g.window, g.slow = 0, 0
	case g.window > 0 && g.shed == 0 && mean <= maxSetup/2:
		g.window = 0
	case g.window > 0 && mean == 0: // full of what never begins: that takes nobody's time
		g.window *= mostStep
	case g.window > 0:
		g.window *= min(max(float64(maxSetup)/float64(mean), leastStep), mostStep)
	case g.window == 0 && g.slow >= slowLooks:
		g.window = float64(g.set) * float64(maxSetup) / float64(now.Sub(g.looked)) // Little's law
	}
	if g.window > 0 {
		g.window = min(max(g.window, leastWindow), mostWindow)
	}
	g.looked, g.set, g.took, g.shed = now, 0, 0, 0
}

// mean is how long a set-up took on average; 0 if none came to an end. If none
// did of those that have begun, it is too long by far.
func (g *governor) mean() time.Duration {
	switch {
	case g.set > 0:
		return g.took / time.Duration(g.set)
	case g.inSetup > g.waiting:
		return 2 * maxSetup
	default:
		return 0
	}
}
