package mapping

import (
	"strconv"
	"time"
)

// AuditEntry is what the audit log tells of one action. It has no place for a
// number; the reason is what somebody wrote, which may hold anything: the store
// seals it, and the log itself has only a commitment to it.
type AuditEntry struct {
	Index   uint64 // its place in the log, from 0 on; the store gives it
	At      time.Time
	Actor   Actor
	Action  Action
	Object  Object // what it was done to; empty for a list
	Outcome AuditOutcome
	Reason  string // why, in the actor's words; empty if none is asked for, or it is erased

	// Commitment is that to the reason, and Salt what it is made with. The
	// commitment stays when the reason is erased.
	Commitment Commitment
	Salt       Salt
}

// Commitment is a SHA-256 hash of a reason and its [Salt]; zero if there is no reason.
type Commitment [32]byte

// Salt keeps a short reason from being guessed from its [Commitment].
type Salt [16]byte

// AuditOutcome is what came of an action.
type AuditOutcome uint8

// The outcomes. The audit log keeps their values.
const (
	// AuditDone: it was done.
	AuditDone AuditOutcome = iota + 1
	// AuditRefused: it was asked for and turned down: nothing was changed or shown.
	AuditRefused
	// AuditFailed: it was not done, or nobody knows.
	AuditFailed
)

// String returns the outcome as the API writes it.
func (o AuditOutcome) String() string {
	switch o {
	case AuditDone:
		return "done"
	case AuditRefused:
		return "refused"
	case AuditFailed:
		return "failed"
	default:
		return "outcome(" + strconv.Itoa(int(o)) + ")"
	}
}

// Object is what an action was done to, as the log writes it: an id, a DID, a
// name of the configuration. It is made by the functions below only, none of
// which takes a number.
type Object string

// ObjectID is an interaction or a call.
func ObjectID(kind Kind, id ID) Object { return Object(id.Text(kind)) }

// ObjectRef is a real number, by its reference ("num_...").
func ObjectRef(ref string) Object { return Object(ref) }

// ObjectDID is one of our DIDs.
func ObjectDID(did DID) Object { return Object("did:" + string(did)) }

// ObjectNamed is something that the configuration or a request names: kind is
// one of our words ("pool", "recording").
func ObjectNamed(kind, name string) Object { return Object(kind + ":" + name) }

// Interaction returns the interaction that the object is, if it is one.
func (o Object) Interaction() (ID, bool) {
	id, err := ParseID(KindInteraction, string(o))
	return id, err == nil
}

// Bounds of what an entry holds, in bytes.
const (
	MaxObject = 128
	MaxReason = 500
	maxName   = 255 // of a tenant, of a certificate
)

// Validate reports why an entry can't be written.
func (e *AuditEntry) Validate() error {
	switch {
	case e.Action == 0 || e.Outcome == 0:
		return invalid("action", "missing", "expected an action and its outcome")
	case len(e.Object) > MaxObject || len(e.Actor.Name) > maxName || len(e.Actor.Tenant) > maxName:
		return invalid("object", "too_long", "expected a shorter name")
	default:
		return ValidateReason(e.Reason)
	}
}
