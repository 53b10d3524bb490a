package stir

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// What the header of a PASSporT says, and must say.
const (
	algorithm = "ES256"    // RFC 8225 section 4.2
	extension = "shaken"   // RFC 8588 section 3
	tokenType = "passport" // RFC 8225 section 4.1
)

// header is the protected header. Its fields, like those of the claims, are in
// the order in which they are signed (RFC 8225 section 9).
type header struct {
	Algorithm   string `json:"alg"`
	Extension   string `json:"ppt"`
	Type        string `json:"typ"`
	Certificate string `json:"x5u"`
}

// claims are what is signed of the call.
type claims struct {
	Attestation string      `json:"attest"`
	Destination destination `json:"dest"`
	IssuedAt    int64       `json:"iat"`
	Origin      origin      `json:"orig"`
	OriginID    string      `json:"origid"`
}

type origin struct {
	Number string `json:"tn"`
}

type destination struct {
	Numbers []string `json:"tn"`
}

// strict is base64 as JWS has it: no padding, and one encoding of each text.
func strict() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// encode returns a part of a token. encoding/json would write & < > as escapes,
// and what is signed would not be canonical.
func encode(part any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(part); err != nil {
		return "", err
	}
	return strict().EncodeToString(bytes.TrimSuffix(text.Bytes(), []byte{'\n'})), nil
}

// decode reads a part of a token.
func decode(text string, part any) error {
	raw, err := strict().DecodeString(text)
	if err != nil {
		return ErrMalformed
	}
	if json.Unmarshal(raw, part) != nil {
		return ErrMalformed
	}
	return nil
}
