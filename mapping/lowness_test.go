package mapping

import "testing"

// A pool that hovers about its mark is told of once.
func TestWhenAPoolIsLow(t *testing.T) {
	for _, tt := range []struct {
		low  int
		was  bool
		free int
		want bool
	}{
		{0, false, 0, false}, {0, true, 0, false},
		{20, false, 100, false}, {20, false, 40, false}, {20, false, 39, true},
		{20, true, 39, true}, {20, true, 40, true}, {20, true, 49, true}, {20, true, 50, false},
		{90, true, 189, true}, {90, true, 190, false},
		{1, false, 2, false}, {1, false, 1, true},
	} {
		if got := (Policy{Low: tt.low}).IsLow(tt.was, tt.free, 200); got != tt.want {
			t.Errorf("at %d %%, %d of 200 free, low before: %t: low is %t", tt.low, tt.free, tt.was, got)
		}
	}
	if (Policy{Low: 90}).IsLow(false, 0, 0) {
		t.Error("a pool of no DIDs is low")
	}
}
