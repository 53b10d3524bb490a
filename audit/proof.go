package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Prove returns the hashes by which an entry is shown to be in the log of that
// size (RFC 6962 section 2.1.1).
func Prove(l Hashes, index, size int64) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(size, index, HashReader(l))
	if err != nil {
		return nil, fmt.Errorf("prove audit entry: %w", err)
	}
	return proof, nil
}

// CheckProof sees that the leaf is that of the entry in the log of a checkpoint.
func CheckProof(p tlog.RecordProof, in Checkpoint, index int64, leaf []byte) error {
	if err := tlog.CheckRecord(p, in.Size, in.Root, index, Hash(leaf)); err != nil {
		return fmt.Errorf("check proof of audit entry: %w", err)
	}
	return nil
}

// ProveGrowth returns the hashes by which the log of that size is shown to have
// grown out of the one of an older size (RFC 6962 section 2.1.2).
func ProveGrowth(l Hashes, older, size int64) (tlog.TreeProof, error) {
	proof, err := tlog.ProveTree(size, older, HashReader(l))
	if err != nil {
		return nil, fmt.Errorf("prove growth of audit log: %w", err)
	}
	return proof, nil
}

// CheckGrowth sees that the log of one checkpoint has grown out of another's.
func CheckGrowth(p tlog.TreeProof, older, newer Checkpoint) error {
	if err := tlog.CheckTree(p, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("check growth of audit log: %w", err)
	}
	return nil
}
