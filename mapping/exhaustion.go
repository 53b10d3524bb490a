package mapping

import (
	"fmt"
	"strconv"
	"time"
)

// OnExhaustion is what is done when a cool-down leaves a party without a DID.
type OnExhaustion uint8

// The policies. Whatever is done, no two live interactions share a key.
const (
	// ExhaustionReject: nothing; the create is refused.
	ExhaustionReject OnExhaustion = iota + 1
	// ExhaustionShortenCoolDown: a DID that has rested for the floor will do.
	ExhaustionShortenCoolDown
)

// String returns the policy as the configuration writes it.
func (e OnExhaustion) String() string {
	switch e {
	case ExhaustionReject:
		return "reject"
	case ExhaustionShortenCoolDown:
		return "shorten_cooldown"
	default:
		return "on_exhaustion(" + strconv.Itoa(int(e)) + ")"
	}
}

// ParseOnExhaustion reads a policy as the configuration writes it; the empty
// text is the default, reject.
func ParseOnExhaustion(s string) (OnExhaustion, bool) {
	return calledOr(s, ExhaustionReject, ExhaustionShortenCoolDown, ExhaustionReject)
}

// ExhaustedError is a pool without a free DID for a party.
type ExhaustedError struct {
	Pool       string
	Blocking   Side      // the party for whom no DID of the pool can be had
	Size       int       // DIDs in the pool
	Needed     int       // how many fresh DIDs, of the kind asked for, the pool would need more
	NextFreeAt time.Time // when the blocked party can have a DID if nothing is completed before; zero if that is unknown
}

func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("pool %q: party %s can have none of its %d DIDs now", e.Pool, e.Blocking, e.Size)
}
