package relay

import (
	"errors"
	"fmt"
	"unique"
)

// Suite is a crypto suite of SDES (RFC 4568, RFC 6188, RFC 7714).
type Suite uint8

// The suites, weakest first. The zero value is no suite: plain RTP.
const (
	AESCM128SHA1x32 Suite = iota + 1 // AES_CM_128_HMAC_SHA1_32
	AESCM128SHA1x80                  // AES_CM_128_HMAC_SHA1_80
	AESCM256SHA1x80                  // AES_256_CM_HMAC_SHA1_80
	AESGCM128                        // AEAD_AES_128_GCM
	AESGCM256                        // AEAD_AES_256_GCM

	suites = iota + 1 // how many values there are, the zero value included
)

// String gives the suite's name as it stands in an a=crypto line.
func (s Suite) String() string {
	switch s {
	case AESCM128SHA1x32:
		return "AES_CM_128_HMAC_SHA1_32"
	case AESCM128SHA1x80:
		return "AES_CM_128_HMAC_SHA1_80"
	case AESCM256SHA1x80:
		return "AES_256_CM_HMAC_SHA1_80"
	case AESGCM128:
		return "AEAD_AES_128_GCM"
	case AESGCM256:
		return "AEAD_AES_256_GCM"
	default:
		return "none"
	}
}

// Size is the length of a master key with its salt after it, in bytes: what an a=crypto line
// holds in base64.
func (s Suite) Size() int {
	key, salt := s.sizes()
	return key + salt
}

func (s Suite) sizes() (key, salt int) {
	switch s {
	case AESCM128SHA1x32, AESCM128SHA1x80:
		return 16, 14
	case AESCM256SHA1x80:
		return 32, 14
	case AESGCM128:
		return 16, 12
	case AESGCM256:
		return 32, 12
	default:
		return 0, 0
	}
}

// ErrKey: not as long as its suite has it.
var ErrKey = errors.New("master key of wrong length")

// Key is an SRTP master key and salt with what they are for. It is a comparable value, and no
// printing shows it: the material is behind a handle, for what is in an unexported field fmt
// prints without asking it to Format itself.
type Key struct {
	suite    Suite
	material unique.Handle[string] // zero where there is no suite
}

// NewKey makes a key of what an a=crypto line holds. Errors: ErrKey.
func NewKey(suite Suite, material []byte) (Key, error) {
	if suite.Size() == 0 || len(material) != suite.Size() {
		return Key{}, ErrKey
	}
	return Key{suite: suite, material: unique.Make(string(material))}, nil
}

// Suite tells what the key is for; zero where there is none.
func (k Key) Suite() Suite { return k.suite }

// Material is the master key and the salt after it, for our own a=crypto line.
func (k Key) Material() []byte {
	if k.suite == 0 {
		return nil
	}
	return []byte(k.material.Value())
}

// Format shows the suite only, whatever the verb.
func (k Key) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "key of %s", k.suite) }

// Crypt is how one leg's packets are encrypted. Both keys are there or none.
type Crypt struct {
	In  Key // what the peer encrypts with
	Out Key // what we encrypt with
}
