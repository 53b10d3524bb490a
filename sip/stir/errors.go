package stir

import "errors"

// Why an Identity proves nothing. None quotes the header: it has two numbers.
var (
	ErrMalformed   = errors.New("Identity can't be read")
	ErrExtension   = errors.New("Identity is no PASSporT of SHAKEN, signed with ES256")
	ErrUnknown     = errors.New("certificate of Identity is not among ours")
	ErrSignature   = errors.New("signature of Identity is wrong")
	ErrExpired     = errors.New("certificate of Identity is not valid now")
	ErrStale       = errors.New("Identity is older or newer than a minute")
	ErrOrigin      = errors.New("Identity is for another caller")
	ErrDestination = errors.New("Identity is for another number")
	ErrAuthority   = errors.New("certificate of Identity is not for this caller's number")
	ErrAttestation = errors.New("Identity attests nothing")
)

// Why a key or a certificate can't be used.
var (
	ErrKey         = errors.New("expected a private key of the curve P-256 in PEM")
	ErrURL         = errors.New("expected an https URL of at most 512 characters")
	ErrCertificate = errors.New("expected certificates in PEM, the first with a key of the curve P-256")
	ErrRoots       = errors.New("expected at least one root certificate in PEM")
	ErrTNAuthList  = errors.New("certificate has no list of numbers or service providers that can be read (RFC 8226)")
)
