package stir

import "strings"

// Attestation is how well the signer knows the caller (RFC 8588 section 4), in
// ascending order. Zero is not at all.
type Attestation uint8

// The attestations.
const (
	Gateway Attestation = iota + 1 // C: the call entered the network at the signer
	Partial                        // B: the signer knows its customer, but not who has the number
	Full                           // A: the customer may use the number
)

// String returns the attestation as the attest claim writes it.
func (a Attestation) String() string {
	switch a {
	case Gateway:
		return "C"
	case Partial:
		return "B"
	case Full:
		return "A"
	default:
		return ""
	}
}

// ParseAttestation reads an attest claim; 0 if it is none.
func ParseAttestation(s string) Attestation {
	switch s {
	case "A":
		return Full
	case "B":
		return Partial
	case "C":
		return Gateway
	default:
		return 0
	}
}

// passed is the verdict of a network that has checked an Identity itself (3GPP
// TS 24.229 section 7.2A.20).
const passed = "TN-Validation-Passed"

// Verdict reads what a network says that has checked a call itself: the verstat
// parameter, and the header that tells the attestation. Some write the
// attestation behind the verdict. One that tells no attestation has seen a valid
// signature, and that is all.
func Verdict(verstat, indicator string) Attestation {
	if len(verstat) < len(passed) || !strings.EqualFold(verstat[:len(passed)], passed) {
		return 0
	}
	if suffix, ok := strings.CutPrefix(verstat[len(passed):], "-"); ok {
		return ParseAttestation(strings.ToUpper(suffix))
	}
	if len(verstat) > len(passed) {
		return 0
	}
	return max(ParseAttestation(strings.ToUpper(strings.TrimSpace(indicator))), Gateway)
}
