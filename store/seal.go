package store

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// keySize is the size of every key, in bytes: AES-256.
const keySize = 32

// sealOverhead is how much longer a sealed text is: its nonce and its tag.
const sealOverhead = 12 + 16

// newAEAD returns AES-256-GCM under a key, with a random nonce in front of
// every sealed text. A key seals far fewer than the 2^32 texts for which
// random nonces are safe (NIST SP 800-38D section 8.3).
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// place is where a sealed text belongs. It is authenticated with it, so that
// a record moved to another id or bucket no longer opens.
type place struct {
	in bucket
	id []byte
}

// placeRoom is room for the place of anything but of what has long keys.
const placeRoom = 64

func (p place) appendTo(b []byte) []byte {
	b = append(b, p.in...)
	b = append(b, 0, sealingVersion)
	return append(b, p.id...)
}

func (p place) seal(key cipher.AEAD, plain []byte) []byte { return p.appendSeal(nil, key, plain) }

// appendSeal appends the sealed text to b.
func (p place) appendSeal(b []byte, key cipher.AEAD, plain []byte) []byte {
	var scratch [placeRoom]byte
	return p.sealWith(scratch[:0], b, key, plain)
}

// sealWith does the same, with room for what is authenticated: what a cipher is
// handed goes to the heap.
func (p place) sealWith(room, b []byte, key cipher.AEAD, plain []byte) []byte {
	return key.Seal(b, nil, plain, p.appendTo(room))
}

// open returns the plain text, or [ErrDamaged].
func (p place) open(key cipher.AEAD, sealed []byte) ([]byte, error) {
	return p.appendOpen(nil, key, sealed)
}

// appendOpen appends the plain text to b, which holds nothing of the sealed one.
func (p place) appendOpen(b []byte, key cipher.AEAD, sealed []byte) ([]byte, error) {
	var scratch [placeRoom]byte
	return p.openWith(scratch[:0], b, key, sealed)
}

// openWith does the same, with room for what is authenticated.
func (p place) openWith(room, b []byte, key cipher.AEAD, sealed []byte) ([]byte, error) {
	plain, err := key.Open(b, nil, sealed, p.appendTo(room))
	if err != nil {
		return nil, fmt.Errorf("unseal from %s: %w", p.in, ErrDamaged)
	}
	return plain, nil
}
