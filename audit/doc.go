// Package audit is the audit log as a thing that can be checked: entries as the
// leaves of a Merkle tree (RFC 6962 section 2.1, golang.org/x/mod/sumdb/tlog),
// checkpoints of it that are signed (golang.org/x/mod/sumdb/note), an export,
// and the verification of one, which needs neither a store nor a daemon.
//
// Everything here is pure: where the entries are kept is a [Log]. Start with
// [Encode], which makes a leaf of an entry, then [Crown], which makes the tree
// grow, then [Verify].
package audit
