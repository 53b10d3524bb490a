package edge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"io"

	"maskd/sip/stir"
)

// tokens makes the identifiers that we put on the wire. They are random, and
// no function of the peer, the number or the call. A tag has besides a seal by
// which we know it again; it is of that dialog's own Call-ID, and says nothing.
type tokens struct {
	random io.Reader // safe for use by many goroutines, never fails
	key    [16]byte  // of this process: what the seals are made with
}

// newTokens draws the key of the seals.
func newTokens(random io.Reader) tokens {
	t := tokens{random: random}
	_, _ = io.ReadFull(random, t.key[:])
	return t
}

// shed returns what the tags of this process begin with in refusals of what it
// has not read.
func (t tokens) shed() string {
	mac := hmac.New(sha256.New, t.key[:])
	_, _ = io.WriteString(mac, "shed") // shorter than whatever a seal is of
	return tokenText.EncodeToString(mac.Sum(nil)[:16])
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// next returns 128 bits as 26 characters, legal in every place a token is.
func (t tokens) next() string {
	var raw [16]byte
	_, _ = io.ReadFull(t.random, raw[:])
	return tokenText.EncodeToString(raw[:])
}

// The parts of a tag, in bytes: random, and the seal. Nobody guesses one of
// 2^64 while we look.
const (
	tagRandom = 16
	tagSeal   = 8
)

// tag returns a tag of ours for the dialogs of a Call-ID.
func (t tokens) tag(callID string) string {
	var raw [tagRandom + tagSeal]byte
	_, _ = io.ReadFull(t.random, raw[:tagRandom])
	t.seal(&raw, callID)
	return tokenText.EncodeToString(raw[:])
}

// made reports whether a tag is one of ours for the Call-ID.
func (t tokens) made(tag, callID string) bool {
	var raw, ours [tagRandom + tagSeal]byte
	if tokenText.DecodedLen(len(tag)) != len(raw) {
		return false
	}
	if _, err := tokenText.Decode(raw[:], []byte(tag)); err != nil {
		return false
	}
	copy(ours[:], raw[:tagRandom])
	t.seal(&ours, callID)
	return hmac.Equal(raw[:], ours[:])
}

// seal writes the seal behind the random part of a tag.
func (t tokens) seal(raw *[tagRandom + tagSeal]byte, callID string) {
	mac := hmac.New(sha256.New, t.key[:])
	_, _ = mac.Write(raw[:tagRandom])
	_, _ = io.WriteString(mac, callID)
	copy(raw[tagRandom:], mac.Sum(nil))
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
