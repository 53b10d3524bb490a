package relay

// The octets of G.711 nearest to silence, above and below zero.
const (
	quietA, quietBelowA   = 0xD5, 0x55
	quietMu, quietBelowMu = 0xFF, 0x7F
)

// hush writes silence in a law of G.711.
func hush(to []byte, law Format) {
	quiet := byte(quietMu)
	if law == PCMA {
		quiet = quietA
	}
	for i := range to {
		to[i] = quiet
	}
}

// quiet tells whether a payload in a law of G.711 holds no sound at all. Most that do show it
// in their first octet.
func quiet(payload []byte, law Format) bool {
	above, below := byte(quietMu), byte(quietBelowMu)
	if law == PCMA {
		above, below = quietA, quietBelowA
	}
	for _, octet := range payload {
		if octet != above && octet != below {
			return false
		}
	}
	return true
}
