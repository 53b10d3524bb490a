package relay

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReleasedPortRests(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLedger(PortRange{First: 20000, Last: 20003}, 30*time.Second)
	first, _ := l.draw(now, lowest)
	second, _ := l.draw(now, lowest)
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
	l := newLedger(PortRange{First: 20000, Last: 20199}, 0)
	port, ok := l.draw(time.Time{}, func(below int) int { return below - 1 })
	if !ok || port != 20198 {
		t.Errorf("drew %d, want the one that the lot fell on, 20198", port)
	}
}

// A pair is in one state at a time, is even, and never comes back before its rest is over.
func TestLedgerNeverLendsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ports := PortRange{First: 20001, Last: 20001 + rapid.Uint16Range(4, 40).Draw(t, "size")}
		rest := time.Duration(rapid.IntRange(1, 20).Draw(t, "rest")) * time.Second
		l := newLedger(ports, rest)
		now := time.Unix(1000, 0)
		lent, retired := map[uint16]bool{}, map[uint16]time.Time{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				port, ok := l.draw(now, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "lot") })
				if !ok {
					continue
				}
				if lent[port] || port%2 != 0 || port < ports.First || port+1 > ports.Last {
					t.Fatalf("lent %d wrongly", port)
				}
				if at, was := retired[port]; was && now.Sub(at) < rest {
					t.Fatalf("port %d rested %s, want %s", port, now.Sub(at), rest)
				}
				lent[port] = true
			case 2:
				for port := range lent {
					delete(lent, port)
					retired[port] = now
					l.retire(port, now)
					break
				}
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			}
			if u := l.usage(now); u.Used != len(lent) || u.Free+u.Resting+u.Used != ports.pairs() {
				t.Fatalf("usage %+v with %d lent of %d", u, len(lent), ports.pairs())
			}
		}
	})
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
