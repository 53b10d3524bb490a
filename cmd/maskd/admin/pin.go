package admin

import (
	"fmt"

	"maskd/mapping"
)

// PlainPIN is a PIN in clear, or [DrawPIN]. It is JSON; printed, it says nothing.
type PlainPIN string

// DrawPIN asks for a PIN that is drawn.
const DrawPIN PlainPIN = "generate"

// String says nothing of the PIN.
func (PlainPIN) String() string { return "(PIN)" }

// Format says nothing of the PIN, whatever the verb.
func (p PlainPIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// pin reads what the draft asks of a party's PIN.
func (p DraftParty) pin(field string) (mapping.PINWish, error) {
	switch p.PIN {
	case "":
		return mapping.PINWish{}, nil
	case DrawPIN:
		return mapping.PINWish{Draw: true}, nil
	default:
		given, err := mapping.ParsePIN(string(p.PIN))
		if err != nil {
			return mapping.PINWish{}, invalidField(field, "not_a_pin", `expected "generate", or 6 to 12 digits`)
		}
		return mapping.PINWish{Given: given}, nil
	}
}

// withPINs adds the PINs to what who has just created the interaction is shown.
// Nobody is shown them again.
func (view Interaction) withPINs(i *mapping.Interaction) Interaction {
	view.Parties.A.PIN = PlainPIN(i.A.PIN.Reveal())
	view.Parties.B.PIN = PlainPIN(i.B.PIN.Reveal())
	return view
}
