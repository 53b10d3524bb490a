package edge

import "time"

// What the governor holds to.
const (
	// maxSetup is how long a call's set-up may take us in an overload: a small part
	// of the half second after which everybody sends everything again, and of what a
	// caller notices.
	maxSetup = 40 * time.Millisecond
	// tooLong is how long who comes last may have to wait before it is an overload:
	// half of T1, since before T1 a wait costs nobody anything. After a burst, or a
	// moment in which the machine does something else, as to collect garbage, the wait
	// is shorter, and all are set up late but set up.
	tooLong = 250 * time.Millisecond
	// governed is how often it looks. So many looks in succession at which no set-up
	// came to an end are an overload, too.
	governed   = 100 * time.Millisecond
	stuckLooks = 2
	// fading is what is left of the best pace at the next look: in a moment in which
	// little was done, it says how soon the queue is worked off after it.
	fading = 0.9
	// The bounds of a step of the window, and of the window itself. The most is
	// the safety net that holds without an overload too: so many calls in set-up
	// take the memory of as many goroutines, whatever is sent to us.
	leastStep, mostStep     = 0.5, 1.5
	leastWindow, mostWindow = 16, 4096
	// idle is after how long without a call what was measured is no longer true.
	idle = time.Second
)

// governor decides how many calls may be in set-up at once: any number while
// the last of them need not wait for long, else as many as make it take as long
// as it may (CoDel's measure, and the window of TCP Vegas). It measures and needs no
// figure of what the machine can do. Time is an argument.
type governor struct {
	inSetup int
	waiting int     // of these, those that have not begun: nobody knows yet whether they are calls
	window  float64 // 0: no overload
	pace    float64 // set-ups that came to an end in a second, lately and at best

	// Since the last look.
	looked time.Time
	set    int           // set-ups that came to an end
	took   time.Duration // all of them together
	shed   int
	stuck  int // looks in succession at which none came to an end
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
	mean, length := g.mean(), now.Sub(g.looked)
	g.pace = max(fading*g.pace, float64(g.set)/length.Seconds())
	if g.stuck++; g.set > 0 || g.inSetup == g.waiting {
		g.stuck = 0
	}
	switch {
	case length > idle:
		g.window, g.pace, g.stuck = 0, 0, 0
	case g.window > 0 && g.shed == 0 && mean <= maxSetup/2:
		g.window = 0
	case g.window > 0 && mean == 0: // full of what never begins: that takes nobody's time
		g.window *= mostStep
	case g.window > 0:
		g.window *= min(max(float64(maxSetup)/float64(mean), leastStep), mostStep)
	case g.stuck >= stuckLooks, mean > maxSetup && mean+g.queue() > tooLong:
		g.window = g.pace * maxSetup.Seconds() // Little's law
	}
	if g.window > 0 {
		g.window = min(max(g.window, leastWindow), mostWindow)
	}
	g.looked, g.set, g.took, g.shed = now, 0, 0, 0
}

// queue is how long the last of those in set-up has to wait for the others, at the
// pace of late (Little's law). How long all have waited in the socket before is a
// part of the mean. It says nothing while nobody has had to wait: what the machine
// can do is not known before.
func (g *governor) queue() time.Duration {
	return time.Duration(float64(g.inSetup) / max(g.pace, 1) * float64(time.Second))
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
