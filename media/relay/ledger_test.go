package relay

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReleasedPortRests(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLedger(PortRange{First: 20000, Last: 20003}, 30*time.Second, 0)
	first, _ := l.draw(now, berth{}, lowest)
	second, _ := l.draw(now, berth{}, lowest)
	l.retire(first, now)
	l.retire(second, now.Add(time.Second))

	for _, step := range []struct {
		after time.Duration
		want  Usage
	}{
		{30*time.Second - 1, Usage{Resting: 2}},
		{30 * time.Second, Usage{Free: 1, Resting: 1}},
		{31 * time.Second, Usage{Free: 2}},
	} {
		if got := l.usage(now.Add(step.after)); got != step.want {
			t.Errorf("after %s: %+v, want %+v", step.after, got, step.want)
		}
	}
}

func TestPortIsDrawnByLot(t *testing.T) {
	l := newLedger(PortRange{First: 20000, Last: 20199}, 0, 0)
	p, ok := l.draw(time.Time{}, berth{}, func(below int) int { return below - 1 })
	if !ok || p.port != 20198 {
		t.Errorf("drew %d, want the one that the lot fell on, 20198", p.port)
	}
}

// A pair is in one state at a time, is even, never comes back before its rest is over, and is open only
// where it was left so.
func TestLedgerNeverLendsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ports := PortRange{First: 20001, Last: 20001 + rapid.Uint16Range(4, 40).Draw(t, "size")}
		rest := time.Duration(rapid.IntRange(1, 20).Draw(t, "rest")) * time.Second
		b := &books{
			t: t, ports: ports, rest: rest, now: time.Unix(1000, 0), most: rapid.IntRange(0, 10).Draw(t, "most"),
			lent: map[uint16]pair{}, retired: map[uint16]time.Time{}, open: map[uint16]berth{},
		}
		b.ledger = newLedger(ports, rest, b.most)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				b.drawn()
			case 2:
				b.over()
			case 3:
				b.now = b.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			case 4:
				b.unneeded(b.tidy(b.now))
			case 5:
				if rapid.IntRange(0, 9).Draw(t, "all") == 0 {
					b.emptied(b.empty(mostOpen))
				}
			}
			b.check()
		}
	})
}

// books are a second account of what a ledger does.
type books struct {
	*ledger
	t       *rapid.T
	ports   PortRange
	rest    time.Duration
	most    int
	now     time.Time
	lent    map[uint16]pair
	retired map[uint16]time.Time
	open    map[uint16]berth // of pairs that nobody has
}

func (b *books) drawn() {
	at := berth{worker: rapid.IntRange(ashore, 1).Draw(b.t, "worker")}
	p, ok := b.draw(b.now, at, func(n int) int { return rapid.IntRange(0, n-1).Draw(b.t, "lot") })
	if !ok {
		return
	}
	if _, lent := b.lent[p.port]; lent || p.port%2 != 0 || p.port < b.ports.First || p.port+1 > b.ports.Last {
		b.t.Fatalf("lent %d wrongly", p.port)
	}
	if at, was := b.retired[p.port]; was && b.now.Sub(at) < b.rest {
		b.t.Fatalf("port %d rested %s, want %s", p.port, b.now.Sub(at), b.rest)
	}
	home, open := b.open[p.port]
	if open != p.open() || open && home != p.berth {
		b.t.Fatalf("lent %+v, which is open %t at %+v", p, open, home)
	}
	delete(b.open, p.port)
	b.lent[p.port] = pair{port: p.port, berth: berth{worker: max(0, at.worker)}}
}

func (b *books) over() {
	for port, p := range b.lent {
		if b.keep() {
			if n := len(b.lent) + len(b.open); n > b.most {
				b.t.Fatalf("one is kept of %d that are open, at most %d may be", n, b.most)
			}
			p.rtp, p.rtcp = &port0{}, &port0{}
			b.open[port] = p.berth
		}
		delete(b.lent, port)
		b.retired[port] = b.now
		b.retire(p, b.now)
		return
	}
}

func (b *books) unneeded(spared []pair) {
	for _, p := range spared {
		if _, open := b.open[p.port]; !open || !p.open() || b.now.Sub(b.retired[p.port]) < b.rest {
			b.t.Fatalf("%+v is to be closed", p)
		}
		delete(b.open, p.port)
		b.putBack(p.port)
	}
}

func (b *books) emptied(kept []pair) {
	if len(kept) != len(b.open) {
		b.t.Fatalf("%d pairs are to be closed, of %d", len(kept), len(b.open))
	}
	clear(b.open)
}

func (b *books) check() {
	if u := b.usage(b.now); u.Used != len(b.lent) || u.Free+u.Resting+u.Used != b.ports.pairs() {
		b.t.Fatalf("usage %+v with %d lent of %d", u, len(b.lent), b.ports.pairs())
	}
	if b.ledger.open != len(b.open) {
		b.t.Fatalf("%d pairs are kept, %d by the ledger", len(b.open), b.ledger.open)
	}
}

// port0 is a socket of nothing.
type port0 struct{ socket }

// Where as many are kept as it takes that none can be foretold, those alone are drawn; before, the closed
// ones are too, so that a port that was used just now is no likelier than others.
func TestKeptPairsAreDrawnAloneOnceTheyAreEnough(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, c := range []struct {
		kept, below int
	}{
		{0, 1000}, {enough - 1, 1000}, {enough, enough}, {enough + 50, enough + 50},
	} {
		l := newLedger(PortRange{First: 20000, Last: 21999}, time.Second, mostOpen)
		keptBy(t, l, c.kept, now)
		below := 0
		l.draw(now.Add(time.Second), berth{}, func(n int) int { below = n; return 0 })
		if below != c.below {
			t.Errorf("%d kept: one of %d drawn, want of %d", c.kept, below, c.below)
		}
	}
}

// What was not needed for a while is closed, and no more than that.
func TestPairsThatNobodyNeededAreSpared(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLedger(PortRange{First: 20000, Last: 21999}, time.Second, mostOpen)
	keptBy(t, l, 300, now)
	now = now.Add(time.Second)
	if spared := l.tidy(now); len(spared) != 0 {
		t.Fatalf("%d pairs that came just now are spared", len(spared))
	}
	for range 20 { // so many at once are needed
		l.draw(now, berth{}, lowest)
	}
	if spared := l.tidy(now); len(spared) != 280 {
		t.Errorf("%d pairs are spared, want 280", len(spared))
	}
	if got := l.usage(now); got != (Usage{Free: 700, Used: 300}) {
		t.Errorf("%+v before they are put back", got)
	}
}

// Calls come first: what may be open is kept as far as they leave any of it, and room is made for them bit by bit.
func TestWhatCallsNeedIsNotKept(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLedger(PortRange{First: 20000, Last: 21999}, time.Second, 100)
	var calls []pair
	for range 150 {
		p, _ := l.draw(now, berth{}, lowest)
		p.rtp, p.rtcp = &port0{}, &port0{}
		calls = append(calls, p)
	}
	kept := 0
	for _, p := range calls {
		if l.keep() {
			kept++
		} else {
			p = p.closed()
		}
		l.retire(p, now)
	}
	if kept != 100 {
		t.Errorf("%d pairs are kept, want 100", kept)
	}
	for _, want := range []int{64, 36, 0} {
		if got := len(l.empty(makesRoom)); got != want {
			t.Errorf("%d pairs make room, want %d", got, want)
		}
	}
}

func TestPairsOfAnotherBerthAreTheLastResort(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLedger(PortRange{First: 20000, Last: 20003}, time.Second, mostOpen)
	keptBy(t, l, 1, now)
	now = now.Add(time.Second)
	here := berth{worker: 1}
	if p, ok := l.draw(now, here, lowest); !ok || p.open() {
		t.Errorf("%+v, want the closed one", p)
	}
	if p, ok := l.draw(now, here, lowest); !ok || !p.open() || p.berth == here {
		t.Errorf("%+v, want the other's", p)
	}
	if p, ok := l.draw(now, here, lowest); ok {
		t.Errorf("%+v of none", p)
	}
}

// keptBy has a ledger keep so many pairs, which rest as of now.
func keptBy(t *testing.T, l *ledger, pairs int, now time.Time) {
	t.Helper()
	for range pairs {
		p, ok := l.draw(now, berth{}, lowest)
		if !ok || !l.keep() {
			t.Fatal("none left")
		}
		p.rtp, p.rtcp = &port0{}, &port0{}
		l.retire(p, now)
	}
}

func TestPortRangeSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		ports PortRange
		calls int
		err   string
	}{
		{PortRange{20000, 29999}, 2500, ""},
		{PortRange{20001, 20005}, 1, ""},
		{PortRange{20000, 20003}, 1, ""},
		{PortRange{65532, 65535}, 1, ""},
		{PortRange{20000, 20002}, 0, "port range 20000-20002: too small: a call takes 4 ports, beginning with an even one"},
		{PortRange{20001, 20004}, 0, "port range 20001-20004: too small: a call takes 4 ports, beginning with an even one"},
		{PortRange{20000, 10000}, 0, "port range 20000-10000: ends before it begins"},
		{PortRange{}, 0, "port range 0-0: must begin at 1024 or above"},
	} {
		err := c.ports.Validate()
		if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v, want %q", c.ports, err, c.err)
		}
		if got := c.ports.Calls(); c.err == "" && got != c.calls {
			t.Errorf("%s: %d calls, want %d", c.ports, got, c.calls)
		}
	}
}

func lowest(int) int { return 0 }
