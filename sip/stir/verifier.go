package stir

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// freshness is how far the time of signing may be from ours, either way: clocks
// differ, a call takes a while to come here, and a copy must soon be worthless.
// A minute is what SHAKEN uses.
const freshness = time.Minute

// URLHash names the URL of a certificate: its SHA-256.
type URLHash [sha256.Size]byte

// HashURL returns the hash of a URL.
func HashURL(url string) URLHash { return sha256.Sum256([]byte(url)) }

// Verifier checks Identity headers against the certificates that it was given.
// It never changes, and is safe for use by many goroutines.
type Verifier struct {
	certificates map[URLHash]certificate
}

// Call is what an Identity must be for, in E.164.
type Call struct {
	Orig string // the caller, as the trunk asserts it
	Dest string // what was dialled
}

// NewVerifier makes a verifier of root certificates in PEM, and of the chains,
// each in PEM and with its own certificate first, by the hash of the URL under
// which Identity headers name them. Errors: ErrRoots, ErrCertificate,
// ErrTNAuthList, and those of crypto/x509.
func NewVerifier(roots []byte, chains map[URLHash][]byte) (*Verifier, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		return nil, ErrRoots
	}
	v := &Verifier{certificates: make(map[URLHash]certificate, len(chains))}
	for hash, chain := range chains {
		c, err := parseCertificate(chain, pool)
		if err != nil {
			return nil, fmt.Errorf("read certificate %x: %w", hash[:4], err)
		}
		v.certificates[hash] = c
	}
	return v, nil
}

// Verify checks one Identity header, and returns what it attests. What costs
// little is checked first. Errors: those above.
func (v *Verifier) Verify(value string, call Call, now time.Time) (Attestation, error) {
	id, err := parseIdentity(value)
	if err != nil {
		return 0, err
	}
	signer, err := v.signerOf(&id)
	if err != nil {
		return 0, err
	}
	var said claims
	if err := decode(id.claims, &said); err != nil {
		return 0, err
	}
	if err := said.check(call, now); err != nil {
		return 0, err
	}
	if err := signer.vouches(call.Orig, now); err != nil {
		return 0, err
	}
	if !signed(&id, signer.key) {
		return 0, ErrSignature
	}
	return ParseAttestation(said.Attestation), nil
}

// signerOf returns the certificate that the header of the PASSporT names; the
// parameters beside the PASSporT are not signed, and must say the same (RFC 8224
// section 6.2).
func (v *Verifier) signerOf(id *identity) (certificate, error) {
	var head header
	if err := decode(id.header, &head); err != nil {
		return certificate{}, err
	}
	if head.Algorithm != algorithm || head.Extension != extension || head.Type != tokenType ||
		id.extension != extension || id.algorithm != "" && id.algorithm != algorithm {
		return certificate{}, ErrExtension
	}
	if head.Certificate != id.info {
		return certificate{}, ErrMalformed
	}
	c, ok := v.certificates[HashURL(head.Certificate)]
	if !ok {
		return c, ErrUnknown
	}
	return c, nil
}

// check reports whether the claims are for this call, and of now.
func (c *claims) check(call Call, now time.Time) error {
	age := now.Sub(time.Unix(c.IssuedAt, 0))
	same := func(number string) bool { return canonical(number) == canonical(call.Dest) }
	switch {
	case age > freshness || age < -freshness:
		return ErrStale
	case call.Orig == "" || canonical(c.Origin.Number) != canonical(call.Orig):
		return ErrOrigin
	case call.Dest == "" || !slices.ContainsFunc(c.Destination.Numbers, same):
		return ErrDestination
	case ParseAttestation(c.Attestation) == 0:
		return ErrAttestation
	default:
		return nil
	}
}

// signed reports whether the key made the signature.
func signed(id *identity, key *ecdsa.PublicKey) bool {
	signature, err := strict().DecodeString(id.signature)
	if err != nil || len(signature) != signatureSize {
		return false
	}
	digest := sha256.Sum256([]byte(id.signed))
	x := new(big.Int).SetBytes(signature[:signatureSize/2])
	y := new(big.Int).SetBytes(signature[signatureSize/2:])
	return ecdsa.Verify(key, digest[:], x, y)
}
