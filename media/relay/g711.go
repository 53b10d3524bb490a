package relay

import "math/bits"

// The two laws of G.711 in 8 bits, each octet turned into the octet of the other law whose
// linear value is nearest.
var (
	aLawToMuLaw = nearest(linearA, linearMu)
	muLawToALaw = nearest(linearMu, linearA)
)

// transcoding gives the table that turns one audio format into another, or nil where the
// octets stay as they are.
func transcoding(from, to Format) *[256]byte {
	switch {
	case from == PCMA && to == PCMU:
		return &aLawToMuLaw
	case from == PCMU && to == PCMA:
		return &muLawToALaw
	default:
		return nil
	}
}

// transcode copies a payload, through the table if there is one.
func transcode(to, from []byte, table *[256]byte) int {
	if table == nil {
		return copy(to, from)
	}
	for i, octet := range from {
		to[i] = table[octet]
	}
	return len(from)
}

// nearest takes the lower octet where two are equally near, so that the table is fixed.
func nearest(from, to func(byte) int) (table [256]byte) {
	for source := range 256 {
		best := -1
		for target := range 256 {
			distance := abs(from(byte(source)) - to(byte(target)))
			if best < 0 || distance < best {
				best, table[source] = distance, byte(target)
			}
		}
	}
	return table
}

// linearA is the 16 bit value of an A-law octet (G.711 table 1). Even bits are inverted on the
// line; the sign bit is 1 for positive values.
func linearA(octet byte) int {
	octet ^= 0x55
	exponent, mantissa := int(octet>>4&7), int(octet&15)
	value := mantissa<<4 + 8
	if exponent > 0 {
		value = (value + 0x100) << (exponent - 1)
	}
	if octet&0x80 == 0 {
		return -value
	}
	return value
}

// linearMu is the 16 bit value of a mu-law octet (G.711 table 2). All bits are inverted on the
// line; the bias of 132 makes every segment begin at a power of two.
func linearMu(octet byte) int {
	const bias = 132
	octet = ^octet
	exponent, mantissa := int(octet>>4&7), int(octet&15)
	value := (mantissa<<3+bias)<<exponent - bias
	if octet&0x80 != 0 {
		return -value
	}
	return value
}

// compandA is the A-law octet nearest to a 16 bit sample (G.711 table 1).
func compandA(sample int16) byte {
	magnitude, octet := min(abs(int(sample)), 1<<15-1), byte(0)
	if sample >= 0 {
		octet = 0x80
	}
	if magnitude < 0x100 {
		return (octet | byte(magnitude>>4)) ^ 0x55
	}
	exponent := bits.Len(uint(magnitude)) - 8
	return (octet | byte(exponent<<4) | byte(magnitude>>(exponent+3)&15)) ^ 0x55
}

// compandMu is the mu-law octet nearest to a 16 bit sample (G.711 table 2).
func compandMu(sample int16) byte {
	const bias, most = 132, 32635
	magnitude, octet := min(abs(int(sample)), most)+bias, byte(0)
	if sample < 0 {
		octet = 0x80
	}
	exponent := bits.Len(uint(magnitude)) - 8
	return ^(octet | byte(exponent<<4) | byte(magnitude>>(exponent+3)&15))
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
