package edge

import (
	"encoding/base32"
	"encoding/binary"
	"io"

	"maskd/sip/stir"
)

// tokens makes the identifiers that we put on the wire. They are random and
// nothing else: no function of the peer, the number or the call.
type tokens struct {
	random io.Reader // safe for use by many goroutines, never fails
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// next returns 128 bits as 26 characters, legal in every place a token is.
func (t tokens) next() string {
	var raw [16]byte
	_, _ = io.ReadFull(t.random, raw[:])
	return tokenText.EncodeToString(raw[:])
}

// branch returns a Via branch with the magic cookie of RFC 3261 section 8.1.1.7.
func (t tokens) branch() string { return "z9hG4bK" + t.next() }

// originID returns the origin id of a signature.
func (t tokens) originID() string {
	var raw [16]byte
	_, _ = io.ReadFull(t.random, raw[:])
	return stir.OriginID(raw)
}

// cseq returns a first sequence number, below 2^31 with room to count
// (section 8.1.1.5).
func (t tokens) cseq() uint32 {
	var raw [4]byte
	_, _ = io.ReadFull(t.random, raw[:])
	return binary.BigEndian.Uint32(raw[:])%1_000_000 + 1
}
