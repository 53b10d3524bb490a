package mapping

import (
	"strconv"
	"time"
)

// maxReason bounds the words of whoever blocks, in bytes.
const maxBlockReason = 256

// Block keeps a number from calling or from being reached, whatever interaction
// it is a party of; or from one other number only.
type Block struct {
	ID     ID     // stands for the number, or the pair of them, on that list; tells neither
	Tenant Tenant // on whose list it is, and for whose interactions it holds; zero: the house's, and for all
	Number Number
	With   Number // zero: everybody
	Bars   Bar
	Reason string // in the words of whoever asked for it
	Since  time.Time
}

// Validate reports the first thing about the block that can't be, as an
// [InvalidError].
func (b Block) Validate() error {
	switch {
	case b.Number.IsZero():
		return invalid("number", "missing", "expected a number")
	case b.Number == b.With:
		return invalid("with", "same_party", "expected another number: who would call himself?")
	case len(b.Reason) > maxBlockReason:
		return invalid("reason", "too_long", "at most 256 bytes")
	default:
		return nil
	}
}

// Bar is what a block keeps a number from.
type Bar uint8

// The bars.
const (
	BarBoth    Bar = iota + 1 // calling, and being reached
	BarCalling                // calling
	BarReached                // being reached: do not disturb
)

// Calls reports whether the number may not call.
func (b Bar) Calls() bool { return b == BarBoth || b == BarCalling }

// Reaches reports whether the number may not be reached.
func (b Bar) Reaches() bool { return b == BarBoth || b == BarReached }

// String returns the bar as the API writes it.
func (b Bar) String() string {
	switch b {
	case BarBoth:
		return "both"
	case BarCalling:
		return "calling"
	case BarReached:
		return "reached"
	default:
		return "bars(" + strconv.Itoa(int(b)) + ")"
	}
}

// ParseBar reads a bar as the API writes it; the empty text is the default, both.
func ParseBar(s string) (Bar, bool) { return calledOr(s, BarBoth, BarReached, BarBoth) }
