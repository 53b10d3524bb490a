package admin

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// A number without a kind is one that is not valid: to ask for both would be to look
// into the tables of its country twice.
func TestNumbersOfNoKindAreThoseThatAreNotValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`\+[1-9][0-9]{6,14}`).Draw(t, "number")
		n, err := phonenumbers.Parse(text, "")
		if err != nil {
			return
		}
		if valid := phonenumbers.IsValidNumber(n); valid != (phonenumbers.GetNumberType(n) != phonenumbers.UNKNOWN) {
			t.Errorf("valid: %t, of kind %d", valid, phonenumbers.GetNumberType(n))
		}
	})
}
