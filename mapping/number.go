package mapping

import "errors"

// Bounds of an E.164 number (ITU-T E.164 section 6.2.1): at most 15 digits,
// country code included. No subscriber anywhere has fewer than 7; shorter ones
// are service codes, which are never masked.
const (
	minDigits = 7
	maxDigits = 15
)

// Why a text is not an E.164 number. They never quote the text: it may be a
// real number with one digit too many.
var (
	ErrNumberEmpty  = errors.New("number is empty")
	ErrNumberPlus   = errors.New("number does not start with + and a country code")
	ErrNumberDigits = errors.New("number has a character that is no digit")
	ErrNumberShort  = errors.New("number is too short: service codes are never masked")
	ErrNumberLong   = errors.New("number has more than 15 digits")
)

// Number is a party's real E.164 number: the secret that maskd keeps.
//
// It cannot be printed (mask.go): every formatting verb, every Marshal method and
// every logger gets [Number.String], the masked form; the digits come out of
// [Number.Reveal] only, and a test holds the list of files that may call it.
// The digits are veiled in memory because fmt and encoders look through
// unexported struct fields.
//
// Numbers are comparable and make good map keys. The zero Number is no number.
type Number struct {
	masked[numberMask]
}

// ParseNumber reads a strict E.164 number: a plus and 7 to 15 digits, nothing
// else. It does not normalise; what people type is normalised at the edge that
// reads it.
func ParseNumber[T string | []byte](s T) (Number, error) {
	if err := checkE164(s); err != nil {
		return Number{}, err
	}
	return Number{maskedOf[numberMask](s)}, nil
}

// AppendNumber appends to others the number that [ParseNumber] reads, which is then
// made where it stays.
func AppendNumber(to []Number, text []byte) ([]Number, error) {
	if err := checkE164(text); err != nil {
		return to, err
	}
	to = append(to, Number{})
	cover(&to[len(to)-1].digits, text)
	return to, nil
}

func checkE164[T string | []byte](s T) error {
	if len(s) == 0 {
		return ErrNumberEmpty
	}
	if s[0] != '+' || len(s) > 1 && s[1] == '0' {
		return ErrNumberPlus
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return ErrNumberDigits
		}
	}
	switch digits := len(s) - 1; {
	case digits < minDigits:
		return ErrNumberShort
	case digits > maxDigits:
		return ErrNumberLong
	}
	return nil
}

// Reveal returns the number in clear, "+" and digits. It is for the outbound
// trunk and for sealing; every caller is on a list that a test holds.
func (n Number) Reveal() string { return n.digits.text() }

// RevealTo appends what [Number.Reveal] returns, for the same few callers.
func (n Number) RevealTo(b []byte) []byte { return n.digits.appendTo(b) }

// Equal reports whether both are the same number, as == does. Comparers that
// look through unexported fields by reflection stop at a type that has it, so
// a failing comparison prints the masked form too.
func (n Number) Equal(other Number) bool { return n == other }

// filler is what is seen in place of all digits of a number but the last two. It is
// of constant length, so that the length of the number does not show either.
const filler = "+*******"

// numberMask lets a number be told from others by its last two digits.
type numberMask struct{}

func (numberMask) of(v veiled) string {
	digits := v.text()
	return filler + digits[len(digits)-2:]
}

// inCommon returns how many digits the number and the DID begin with alike;
// none if they are of different countries.
func (n Number) inCommon(did DID) int {
	if n.IsZero() {
		return 0
	}
	digits, other := n.digits.text()[1:], string(did[1:])
	common := 0
	for common < min(len(digits), len(other)) && digits[common] == other[common] {
		common++
	}
	if common < countryCode(digits) {
		return 0
	}
	return common
}
