package edge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"io"
	"sync"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/stir"
)

// tokens makes the identifiers that we put on the wire. They are random, and
// no function of the peer, the number or the call. A tag has besides a seal by
// which we know it again; it is of that dialog's own Call-ID, and says nothing.
type tokens struct {
	random io.Reader  // safe for use by many goroutines, never fails
	macs   *sync.Pool // of *mac, with the key of this process: what the seals are made with, and the rest drawn in
}

// newTokens draws the key of the seals.
func newTokens(random io.Reader) tokens {
	var key [16]byte
	_, _ = io.ReadFull(random, key[:])
	return tokens{random: random, macs: &sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key[:])} }}}
}

// mac makes seals, one at a time.
type mac struct {
	hash.Hash
	raw [tagRandom + tagSeal]byte
	sum [sha256.Size]byte
	in  [sha256.BlockSize]byte
}

// of returns the code of a text. It is the mac's.
func (m *mac) of(random []byte, text string) []byte {
	m.Reset()
	_, _ = m.Write(random)
	for len(text) > 0 {
		n := copy(m.in[:], text)
		_, _ = m.Write(m.in[:n])
		text = text[n:]
	}
	return m.Sum(m.sum[:0])
}

// shed returns what the tags of this process begin with in refusals of what it
// has not read.
func (t tokens) shed() string {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	return inLetters(m.of(nil, "shed")[:16]) // shorter than whatever a seal is of
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// inLetters returns bytes as a token.
func inLetters(raw []byte) string { return inLettersAfter("", raw) }

// maxToken is room for the longest token.
const maxToken = 64

// inLettersAfter returns bytes as a token that begins so.
func inLettersAfter(start string, raw []byte) string {
	var b [maxToken]byte
	return string(tokenText.AppendEncode(append(b[:0], start...), raw))
}

// next returns 128 bits as 26 characters, legal in every place a token is.
func (t tokens) next() string { return t.after("") }

// after returns as many behind a start.
func (t tokens) after(start string) string {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	return inLettersAfter(start, t.draw(m, tokenBits/8))
}

// draw returns random bytes, in the mac's room for them.
func (t tokens) draw(m *mac, n int) []byte {
	_, _ = io.ReadFull(t.random, m.raw[:n])
	return m.raw[:n]
}

// tokenBits is how much of a token nobody can foretell.
const tokenBits = 128

// The parts of a tag, in bytes: random, and the seal. Nobody guesses one of
// 2^64 while we look.
const (
	tagRandom = 16
	tagSeal   = 8
)

// tag returns a tag of ours for the dialogs of a Call-ID.
func (t tokens) tag(callID string) string {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	copy(m.raw[tagRandom:], m.of(t.draw(m, tagRandom), callID))
	return inLetters(m.raw[:])
}

// made reports whether a tag is one of ours for the Call-ID.
func (t tokens) made(tag, callID string) bool {
	var raw [tagRandom + tagSeal]byte
	if tokenText.DecodedLen(len(tag)) != len(raw) {
		return false
	}
	if _, err := tokenText.Decode(raw[:], []byte(tag)); err != nil {
		return false
	}
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	return hmac.Equal(raw[tagRandom:], m.of(raw[:tagRandom], callID)[:tagSeal])
}

// branch returns a Via branch with the magic cookie of RFC 3261 section 8.1.1.7.
func (t tokens) branch() string { return t.after(sip.RFC3261BranchMagicCookie) }

// originID returns the origin id of a signature.
func (t tokens) originID() string {
	var raw [16]byte
	_, _ = io.ReadFull(t.random, raw[:])
	return stir.OriginID(raw)
}

// cseq returns a first sequence number, below 2^31 with room to count
// (section 8.1.1.5).
func (t tokens) cseq() uint32 {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	return binary.BigEndian.Uint32(t.draw(m, 4))%1_000_000 + 1
}
