package relay

import (
	"fmt"
	"testing"
)

func TestEveryValueHasAName(t *testing.T) {
	seen := map[string]bool{}
	for f := Format(1); f < formats; f++ {
		checkName(t, seen, inSDP{f})
	}
	for k := EventKind(1); k < eventKinds; k++ {
		checkName(t, seen, k)
	}
	for s := Suite(1); s < suites; s++ {
		checkName(t, seen, s)
	}
	for d := Drop(1); d < drops; d++ {
		checkName(t, seen, d)
	}
}

// inSDP is a format as an rtpmap line tells it from others.
type inSDP struct{ Format }

func (f inSDP) String() string {
	if f.Format.String() == "none" {
		return "none"
	}
	return fmt.Sprintf("%s/%d", f.Format, f.Clock())
}

func checkName(t *testing.T, seen map[string]bool, value fmt.Stringer) {
	t.Helper()
	name := value.String()
	if name == "none" || seen[name] {
		t.Errorf("%T %d is called %q", value, value, name)
	}
	seen[name] = true
}
