package relay

import (
	"fmt"
	"testing"
)

func TestEveryValueHasAName(t *testing.T) {
	seen := map[string]bool{}
	for f := Format(1); f < formats; f++ {
		checkName(t, seen, f)
	}
	for d := Drop(1); d < drops; d++ {
		checkName(t, seen, d)
	}
}

func checkName(t *testing.T, seen map[string]bool, value fmt.Stringer) {
	t.Helper()
	name := value.String()
	if name == "none" || seen[name] {
		t.Errorf("%T %d is called %q", value, value, name)
	}
	seen[name] = true
}
