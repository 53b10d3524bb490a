package relay

// Meanings is what each payload type of RTP means on a leg: the format it stands for, zero where it was not
// negotiated. A format is half a byte there, because each call keeps four of these. It is a comparable value.
type Meanings [(lastType + 1) / 2]uint8

const (
	// halfByte has the bits of a format.
	halfByte = 0xF

	_ = uint(halfByte - (formats - 1)) // fails to compile once there are more
)

// Set has a number mean a format; of zero, nothing.
func (m *Meanings) Set(number uint8, format Format) {
	at, shift := m.at(number)
	*at = *at&^(halfByte<<shift) | uint8(format)<<shift
}

// Of gives the format that a number means.
func (m *Meanings) Of(number uint8) Format {
	at, shift := m.at(number)
	return Format(*at >> shift & halfByte)
}

// at is the byte that a number's half is in, and by how much it is shifted there.
func (m *Meanings) at(number uint8) (at *uint8, shift uint8) {
	return &m[number&lastType/2], number % 2 * 4
}
