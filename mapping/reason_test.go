package mapping

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatReadsAsANumberIsNoReason(t *testing.T) {
	for text, code := range map[string]string{
		"complaint 4711 of the rider":                       "",
		"complaint 4711, 4712 and 4713 of 2026-11-22":       "",
		"calls of 2026-11-22 18:30 to 19:15":                "",
		"int_06h00jvc8tr71c28mb7ucs3mm0 of num_e4ugv1tgmsg": "",
		"ticket 202611224":                                  "",
		"100 + 20 calls":                                    "",
		"":                                                  "",
		"rider +919876543210 wants it":                      "holds_number",
		"rider 9876543210 wants it":                         "holds_number",
		"rider 09876543210":                                 "holds_number",
		"rider 0091 98765 43210":                            "holds_number",
		"rider +91 (98765) 432-10":                          "holds_number",
		"rider +91\u00a098765\u201143210":                   "holds_number",
		"tel:+4420794600":                                   "holds_number",
		"two\nlines":                                        "malformed",
		"\xff":                                              "malformed",
		strings.Repeat("x", MaxReason+1):                    "too_long",
	} {
		err := ValidateReason(text)
		var is *InvalidError
		if errors.As(err, &is) != (code != "") || is != nil && (is.Code != code || is.Field != "reason") {
			t.Errorf("%q: %v, want %q", text, err, code)
		}
		if err != nil && strings.Contains(err.Error(), "98765") {
			t.Errorf("%q is said back", text)
		}
	}
}
