package stir

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// signatureSize is that of ES256: two integers of 32 bytes (RFC 7518 section
// 3.4), and not the ASN.1 of X.509.
const signatureSize = 64

// maxURL bounds the URL of a certificate, which is in each INVITE twice.
const maxURL = 512

// Signer signs the calls that we make from our own numbers. It never changes,
// and is safe for use by many goroutines.
type Signer struct {
	key    *ecdsa.PrivateKey
	header string // the encoded header, the same in each call
	url    string
	attest string
}

// NewSigner makes a signer of a private key in PEM, the URL at which others
// find its certificate, and what we attest. Errors: ErrKey, ErrURL,
// ErrAttestation.
func NewSigner(key []byte, certificate string, attest Attestation) (*Signer, error) {
	private, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	if err := CheckURL(certificate); err != nil {
		return nil, err
	}
	if attest.String() == "" {
		return nil, ErrAttestation
	}
	encoded, err := encode(header{Algorithm: algorithm, Extension: extension, Type: tokenType, Certificate: certificate})
	if err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	return &Signer{key: private, header: encoded, url: certificate, attest: attest.String()}, nil
}

// Sign returns the Identity header of a call between two numbers in E.164. The
// origin id is ours to choose and tells nothing of the call.
func (s *Signer) Sign(orig, dest, originID string, now time.Time) (string, error) {
	encoded, err := encode(claims{
		Attestation: s.attest, IssuedAt: now.Unix(), OriginID: originID,
		Origin:      origin{canonical(orig)},
		Destination: destination{[]string{canonical(dest)}},
	})
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	id := identity{signed: s.header + "." + encoded, info: s.url, algorithm: algorithm, extension: extension}
	digest := sha256.Sum256([]byte(id.signed))
	x, y, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign PASSporT: %w", err)
	}
	var signature [signatureSize]byte
	x.FillBytes(signature[:signatureSize/2])
	y.FillBytes(signature[signatureSize/2:])
	id.signature = strict().EncodeToString(signature[:])
	return id.text(), nil
}

// OriginID makes an origin id of random bytes: a UUID of version 4 (RFC 8588
// section 5).
func OriginID(random [16]byte) string {
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", random[:4], random[4:6], random[6:8], random[8:10], random[10:])
}

// canonical is the form in which numbers are signed: digits (RFC 8224 section
// 8.3). Some sign the plus too.
func canonical(e164 string) string { return strings.TrimPrefix(e164, "+") }

// parseKey reads a private key in PEM, by itself or within PKCS #8.
func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	for block != nil && block.Type == "EC PARAMETERS" { // openssl ecparam writes it first
		block, text = pem.Decode(text)
	}
	if block == nil {
		return nil, ErrKey
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		wrapped, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, ErrKey
		}
		key, _ = wrapped.(*ecdsa.PrivateKey)
	}
	if key == nil || key.Curve != elliptic.P256() {
		return nil, ErrKey
	}
	return key, nil
}

// CheckURL returns ErrURL if others could not fetch the URL, or it would not fit
// between angle brackets.
func CheckURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(s) > maxURL || strings.ContainsAny(s, "<>\" ,") {
		return ErrURL
	}
	return nil
}
