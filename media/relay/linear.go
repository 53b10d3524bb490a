package relay

// Linear is the 16 bit value of an octet of G.711; 0 for another format.
func Linear(law Format, octet byte) int16 {
	switch law {
	case PCMA:
		return int16(linearA(octet))
	case PCMU:
		return int16(linearMu(octet))
	default:
		return 0
	}
}

// AppendLinear appends the 16 bit values of a payload of G.711; none of another format.
func AppendLinear(to []int16, law Format, payload []byte) []int16 {
	table := &linearOfA
	switch law {
	case PCMA:
	case PCMU:
		table = &linearOfMu
	default:
		return to
	}
	for _, octet := range payload {
		to = append(to, table[octet])
	}
	return to
}

// What each octet of G.711 is in 16 bits.
var (
	linearOfA  = linearOf(PCMA)
	linearOfMu = linearOf(PCMU)
)

func linearOf(law Format) (table [256]int16) {
	for octet := range table {
		table[octet] = Linear(law, byte(octet))
	}
	return table
}
