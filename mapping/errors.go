package mapping

import (
	"errors"
	"fmt"
)

// What can stop a request about an interaction. The text is for people; API
// codes, exit codes and SIP statuses are tables over these.
var (
	// ErrNotFound: there is no interaction or call of that id.
	ErrNotFound = errors.New("not found")
	// ErrNotOurs: the DID is in no pool.
	ErrNotOurs = errors.New("DID is in no pool")
	// ErrNotActive: the interaction is completed or expired.
	ErrNotActive = errors.New("interaction is over")
	// ErrTooLate: the interaction has been over for longer than its DIDs rest.
	ErrTooLate = errors.New("interaction has been over for too long")
	// ErrHeld: the interaction is under a legal hold.
	ErrHeld = errors.New("interaction is under a legal hold")
	// ErrHeldByHouse: a tenant can't release it.
	ErrHeldByHouse = errors.New("interaction is under a legal hold of the house")
	// ErrTaken: the interaction's DIDs are another's now, or can't be had any more.
	ErrTaken = errors.New("DIDs of the interaction are taken")
	// ErrConflict: the external id belongs to an interaction with other contents.
	ErrConflict = errors.New("external_id is taken by an interaction with other contents")
	// ErrReused: the key of the request came with another request before.
	ErrReused = errors.New("idempotency key was used for another request")
	// ErrKeyGiven: the root key is a credential, which only who gives it can replace.
	ErrKeyGiven = errors.New("root key is a credential: write the new one to a file and make that the credential")
	// ErrForgotten: the events that were asked for are older than they are kept.
	ErrForgotten = errors.New("events are not kept any more")
	// ErrUnavailable: the store can't answer or can't commit now.
	ErrUnavailable = errors.New("store is unavailable")
)

// InvalidError is a request that can't be carried out as it stands: nothing
// was changed.
type InvalidError struct {
	Field  string // where, as a path in the request: "parties.a.numbers[0]"
	Code   string // what, for programs: "own_did"
	Reason string // what to do, for people; never quotes a number
}

func (e *InvalidError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

func invalid(field, code, reason string) error {
	return &InvalidError{Field: field, Code: code, Reason: reason}
}
