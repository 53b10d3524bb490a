package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

// Algorithm is how a digest is made (RFC 8760 section 2.1, RFC 7616 section 3.4.2).
type Algorithm uint8

// The algorithms.
const (
	MD5 Algorithm = iota + 1
	MD5Sess
	SHA256
	SHA256Sess
	SHA512256
	SHA512256Sess
)

// String returns the algorithm's token.
func (a Algorithm) String() string {
	names := [...]string{MD5: "MD5", MD5Sess: "MD5-sess", SHA256: "SHA-256", SHA256Sess: "SHA-256-sess",
		SHA512256: "SHA-512-256", SHA512256Sess: "SHA-512-256-sess"}
	if a > 0 && int(a) < len(names) {
		return names[a]
	}
	return "algorithm(" + strconv.Itoa(int(a)) + ")"
}

// algorithmOf reads a token. None at all is MD5 (RFC 7616 section 3.3).
func algorithmOf(token string) (Algorithm, bool) {
	if token == "" {
		return MD5, true
	}
	for a := MD5; a <= SHA512256Sess; a++ {
		if strings.EqualFold(token, a.String()) {
			return a, true
		}
	}
	return 0, false
}

// session reports whether the account's hash is mixed with the first nonce.
func (a Algorithm) session() bool { return a == MD5Sess || a == SHA256Sess || a == SHA512256Sess }

// strength orders the hashes; the two of 256 bits are equals.
func (a Algorithm) strength() int {
	if a == MD5 || a == MD5Sess {
		return 1
	}
	return 2
}

func (a Algorithm) hash() hash.Hash {
	switch a {
	case SHA256, SHA256Sess:
		return sha256.New()
	case SHA512256, SHA512256Sess:
		return sha512.New512_256()
	default:
		return md5.New()
	}
}

// sum is H of RFC 7616: of the parts with a colon between them, in hex.
func (a Algorithm) sum(parts ...string) string {
	h := a.hash()
	_, _ = h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}
