package leg

import "time"

// Digit is a key that a party pressed, as an integer: it has no text either.
type Digit struct {
	Key      uint8 // 0 to 9, then 10 for *, 11 for #, 12 to 15 for A to D (RFC 4733 section 3.2)
	Duration time.Duration
}

// Keys is how many keys there are.
const Keys = 16
