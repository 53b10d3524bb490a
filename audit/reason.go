package audit

import (
	"crypto/sha256"

	"maskd/mapping"
)

// Commit returns the commitment to a reason: who has reason and salt sees that
// it is the one that was given, and who has not can't guess it.
func Commit(reason string, salt mapping.Salt) mapping.Commitment {
	return sha256.Sum256(append(salt[:], reason...))
}
