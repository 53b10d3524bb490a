package mapping

// LegalHold is who keeps an interaction from being erased, by anybody and by any age.
// They are bits: each who has put it under a hold has to release it. The zero LegalHold
// is nobody.
type LegalHold uint8

// Who may.
const (
	HoldHouse  LegalHold = 1 << iota // no tenant can release it
	HoldTenant                       // whose the interaction is
)

// holdsEnd is above all of them.
const holdsEnd = 1 << 2

// Any reports whether there is a hold.
func (h LegalHold) Any() bool { return h != 0 }

// Valid reports whether the bits are those of holders.
func (h LegalHold) Valid() bool { return h < holdsEnd }

// Holders are the names of those who hold, as the API writes them.
func (h LegalHold) Holders() (names []string) {
	if h&HoldHouse != 0 {
		names = append(names, "house")
	}
	if h&HoldTenant != 0 {
		names = append(names, "tenant")
	}
	return names
}

// Hold puts the interaction under a legal hold.
func (i Interaction) Hold(by LegalHold) Interaction {
	i.Held |= by
	return i
}

// Release ends the hold of one of them. That of the house is not a tenant's to end:
// [ErrHeldByHouse] if there is no other.
func (i Interaction) Release(by LegalHold) (Interaction, error) {
	if i.Held&by == 0 && by == HoldTenant && i.Held&HoldHouse != 0 {
		return i, ErrHeldByHouse
	}
	i.Held &^= by
	return i, nil
}
