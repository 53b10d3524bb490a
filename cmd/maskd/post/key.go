package post

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrKey is a text that is no key.
var ErrKey = errors.New("expected a key as whsec_ and 24 to 64 bytes in base64")

// Bounds of a key (Standard Webhooks).
const (
	keyPrefix = "whsec_"
	minKey    = 24
	maxKey    = 64
)

// Key signs messages. Printed, it says nothing.
type Key struct{ secret []byte }

// ParseKey reads a key as Standard Webhooks writes it.
func ParseKey(s string) (Key, error) {
	text, marked := strings.CutPrefix(s, keyPrefix)
	secret, err := base64.StdEncoding.DecodeString(text)
	if !marked || err != nil || len(secret) < minKey || len(secret) > maxKey {
		return Key{}, ErrKey
	}
	return Key{secret}, nil
}

// Format says nothing of the key, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("(key)")) }

// sign returns the signature of a message: its id, its time in seconds since
// 1970, and its body.
func (k Key) sign(id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(id + "." + timestamp + ".")) // a hash never fails to write
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
