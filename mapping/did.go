package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DID is a virtual number that we own and a carrier routes to us, as E.164
// with its plus. It is not secret.
type DID string

// maxRange bounds one written range of DIDs. A million is more than any
// carrier sells in one block; a longer one is a typing error.
const maxRange = 1_000_000

// ErrDIDRange is a range of DIDs that is not two numbers of one length in
// ascending order.
var ErrDIDRange = errors.New("range of DIDs is not first..last with as many digits, ascending")

// ParseDID reads one DID in strict E.164.
func ParseDID(s string) (DID, error) {
	if err := checkE164(s); err != nil {
		return "", err
	}
	return DID(s), nil
}

// ParseDIDs reads one DID, or a range of them written "first..last".
func ParseDIDs(s string) ([]DID, error) {
	from, to, isRange := strings.Cut(s, "..")
	first, err := ParseDID(from)
	if err != nil {
		return nil, fmt.Errorf("read DID: %w", err)
	}
	if !isRange {
		return []DID{first}, nil
	}
	last, err := ParseDID(to)
	if err != nil {
		return nil, fmt.Errorf("read end of DID range: %w", err)
	}
	return expand(first, last)
}

// expand lists every DID from first to last. Both are valid, and at most 15
// digits fit a uint64.
func expand(first, last DID) ([]DID, error) {
	lo, _ := strconv.ParseUint(string(first[1:]), 10, 64)
	hi, _ := strconv.ParseUint(string(last[1:]), 10, 64)
	if len(first) != len(last) || lo > hi || hi-lo >= maxRange {
		return nil, ErrDIDRange
	}
	dids := make([]DID, 0, hi-lo+1)
	for n := lo; n <= hi; n++ {
		dids = append(dids, DID("+"+strconv.FormatUint(n, 10)))
	}
	return dids, nil
}

// Masked is what is shown of what was dialled, and may be no DID but somebody's number.
func (d DID) Masked() string {
	n, err := ParseNumber(string(d))
	if err != nil {
		return Number{}.String()
	}
	return n.String()
}

// Is reports whether the number is this DID.
func (d DID) Is(n Number) bool { return !n.IsZero() && n.digits == veiledOf(string(d)) }
