package leg_test

import (
	"testing"

	"maskd/sip/leg"
)

// What a carrier says about B reaches A through this table only.
func TestStatusThatACallerIsGiven(t *testing.T) {
	for _, row := range []struct {
		from []int
		want int
	}{
		{[]int{486, 600, 603}, 486},
		{[]int{408, 480, 487}, 480},
		{[]int{404, 410, 484, 485, 604}, 480}, // A must not learn that B's number is bad
		{[]int{401, 403, 407, 433, 438, 607, 608}, 480},
		{[]int{300, 301, 302, 305, 380}, 480}, // a redirect is not followed
		{[]int{488, 606, 415, 420, 421}, 480}, // what B dislikes is our offer, not A's
		{[]int{500, 501, 503, 504, 580}, 500},
		{[]int{0, 199, 299, 699, 700}, 480},
	} {
		for _, status := range row.from {
			if got := leg.CauseOf(status).Status(); got != row.want {
				t.Errorf("B says %d: A is given %d, want %d", status, got, row.want)
			}
		}
	}
}

// Whatever the cause, the status is one of a few, and a final one.
func TestStatusIsOfAClosedSet(t *testing.T) {
	allowed := map[int]bool{404: true, 480: true, 482: true, 486: true, 487: true, 488: true, 500: true, 503: true}
	for c := range leg.Cause(255) {
		if !allowed[c.Status()] {
			t.Errorf("%s gives %d", c, c.Status())
		}
	}
}
