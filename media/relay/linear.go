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
