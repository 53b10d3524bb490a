package mapping

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
)

// veiled is a short text that memory does not hold in clear: one block of AES
// under a key that this process draws for itself and never tells. Printers that
// look through unexported fields, and cores and heap dumps, find sixteen bytes
// that mean nothing. The same text is always the same block, so that veiled texts
// are comparable and make good map keys, and none has to be interned: to veil one
// takes 30 ns, where a [unique.Handle] that nobody else holds takes a microsecond
// of the processor and work for the collector.
//
// The zero veiled is the empty text.
type veiled [aes.BlockSize]byte

// veil is the key of this process.
var veil = newVeil()

func newVeil() cipher.Block {
	var key [32]byte
	_, _ = rand.Read(key[:])          // it never fails
	block, _ := aes.NewCipher(key[:]) // nor does this, of a key of that size
	return block
}

// veiledOf veils a text of at most sixteen bytes, of which none is zero.
func veiledOf[T string | []byte](text T) (v veiled) {
	cover(&v, text)
	return v
}

// cover does the same in a place that is empty: what a cipher is handed goes to the
// heap, unless it is there.
func cover[T string | []byte](v *veiled, text T) {
	if len(text) == 0 {
		return
	}
	copy(v[:], text)
	veil.Encrypt(v[:], v[:])
}

// appendTo appends the text in clear.
func (v veiled) appendTo(b []byte) []byte {
	if v == (veiled{}) {
		return b
	}
	from := len(b)
	b = append(b, v[:]...)
	veil.Decrypt(b[from:], b[from:])
	return bytes.TrimRight(b, "\x00")
}

// text returns the text in clear.
func (v veiled) text() string {
	if v == (veiled{}) {
		return ""
	}
	return string(v.appendTo(make([]byte, 0, len(v))))
}
