package audit

import (
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"maskd/mapping"
)

// prunedVersion is the first byte of what is left of a leaf that is kept too long:
// behind it is the hash that the tree has of it. So the tree and all proofs stay what
// they are, and nobody can tell any more what the entry was.
const prunedVersion = 0

// Prune returns what is left of a leaf.
func Prune(leaf []byte) []byte {
	h := HashKept(leaf)
	return append([]byte{prunedVersion}, h[:]...)
}

// IsPruned reports whether a leaf as it is kept is a hash only.
func IsPruned(kept []byte) bool {
	return len(kept) == 1+len(tlog.Hash{}) && kept[0] == prunedVersion
}

// HashKept returns the hash in the tree of a leaf as it is kept: whole or pruned.
func HashKept(kept []byte) tlog.Hash {
	if IsPruned(kept) {
		return tlog.Hash(kept[1:])
	}
	return Hash(kept)
}

// prunedObject begins the object of an entry which says that all before an index, but
// for those under a legal hold, were pruned.
const prunedObject = "audit:"

// PrunedUntil is the object of such an entry. Without one in the log a pruned entry is
// an alteration: nobody can prune who can't sign.
func PrunedUntil(index int64) mapping.Object {
	return mapping.ObjectNamed("audit", strconv.FormatInt(index, 10))
}

// allows returns up to which index an entry says that others were pruned: those before
// it only.
func allows(e *mapping.AuditEntry) int64 {
	text, ok := strings.CutPrefix(string(e.Object), prunedObject)
	until, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || e.Action != mapping.ActionRetention || e.Outcome != mapping.AuditDone || until > int64(e.Index) {
		return 0
	}
	return until
}
