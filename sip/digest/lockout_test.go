package digest

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// call sends a request whose credentials are refused, or accepted, and reports
// whether they were sent.
func call(c *Client, accepted bool, now time.Time) bool {
	if !c.Rests(now).IsZero() {
		return false
	}
	x := c.Exchange(gateway)
	if x.Challenged(Server, challenge("r", fmt.Sprint("first", now), ""), now) != nil {
		return false
	}
	if accepted {
		x.Accepted(Server, "")
	} else {
		_ = x.Challenged(Server, challenge("r", fmt.Sprint("second", now), ""), now)
	}
	return true
}

// A carrier locks an account after a handful of wrong passwords; a busy trunk
// would send one with each call.
func TestARefusedAccountIsTriedLessAndLess(t *testing.T) {
	c := client("r")
	var tried []time.Duration
	for at := time.Duration(0); at < 3*time.Hour; at += 100 * time.Millisecond {
		if call(c, false, noon.Add(at)) {
			tried = append(tried, at.Truncate(time.Second))
		}
	}
	minutes := []int{0, 0, 1, 3, 7, 15, 31, 61, 91, 121, 151} // and fractions of a second
	if len(tried) != len(minutes) {
		t.Fatalf("tried at %v", tried)
	}
	for i, m := range minutes {
		if wanted := time.Duration(m) * time.Minute; tried[i] < wanted || tried[i] > wanted+2*time.Second {
			t.Errorf("tried at %v, want after %d minutes", tried[i], m)
		}
	}
}

func TestARefusalNowAndThenIsNoReasonToRest(t *testing.T) {
	c := client("r")
	for i := range 100 {
		now := noon.Add(time.Duration(i) * time.Second)
		if !call(c, i%2 == 1, now) {
			t.Fatalf("call %d: the account rests", i)
		}
	}
}

func TestAnAccountThatIsAcceptedAgainIsUsedByAll(t *testing.T) {
	c := client("r")
	for range 2 {
		call(c, false, noon)
	}
	if until := c.Rests(noon); !until.Equal(noon.Add(time.Minute)) {
		t.Fatalf("it rests until %v", until)
	}
	if c.Forgive(); !call(c, false, noon) || !call(c, false, noon) {
		t.Error("it rests although it was forgiven")
	}
	later := noon.Add(2 * time.Minute)
	if !call(c, true, later) || !call(c, true, later) {
		t.Error("it rests although it was accepted")
	}
}

// After a rest one request tries the account, and the others wait for what
// comes of that.
func TestOneRequestTriesAnAccountThatRested(t *testing.T) {
	c := client("r")
	for range 2 {
		call(c, false, noon)
	}
	now := noon.Add(time.Minute)
	first, second := c.Exchange(gateway), c.Exchange(gateway)
	if err := first.Challenged(Server, challenge("r", "n1", ""), now); err != nil {
		t.Fatal(err)
	}
	if err := second.Challenged(Server, challenge("r", "n2", ""), now); !errors.Is(err, ErrRests) {
		t.Errorf("the second: %v", err)
	}
	first.Accepted(Server, "")
	if err := second.Challenged(Server, challenge("r", "n3", ""), now); err != nil {
		t.Errorf("the second after the first was let in: %v", err)
	}
}

// Calls that were on their way when the account began to rest don't make it
// rest longer.
func TestABurstOfRefusalsCountsOnce(t *testing.T) {
	c := client("r")
	var burst []*Exchange
	for range 50 {
		x := c.Exchange(gateway)
		if err := x.Challenged(Server, challenge("r", "n1", ""), noon); err != nil {
			t.Fatal(err)
		}
		burst = append(burst, x)
	}
	for _, x := range burst {
		_ = x.Challenged(Server, challenge("r", "n2", ""), noon)
	}
	if until := c.Rests(noon); !until.Equal(noon.Add(time.Minute)) {
		t.Errorf("it rests until %v", until)
	}
}
