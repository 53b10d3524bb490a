package store

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// Sign signs a text that ends with a newline, with the key that signs checkpoints of the
// audit log: whoever has its public key can tell who wrote it.
func (db *DB) Sign(text []byte) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: string(text)}, db.keys.signer)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signed, nil
}

// Verify returns the text that was signed; [ErrDamaged] if it is not what this store has
// signed.
func (db *DB) Verify(signed []byte) ([]byte, error) {
	n, err := note.Open(signed, note.VerifierList(db.keys.verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: its signature does not fit", ErrDamaged)
	}
	return []byte(n.Text), nil
}
