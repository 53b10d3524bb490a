package edge

import (
	"bytes"
	"encoding/binary"
)

// clean reports whether the head of a datagram has no control characters but
// tabs, and ends of lines that are whole. It is asked of every datagram, so it
// looks at eight bytes at once where it can.
func clean(data []byte) bool {
	if end := bytes.Index(data, []byte("\r\n\r\n")); end >= 0 {
		data = data[:end]
	}
	for i := 0; i < len(data); {
		switch {
		case i+8 <= len(data) && printable(binary.NativeEndian.Uint64(data[i:])):
			i += 8
		case cleanAt(data, i):
			i++
		default:
			return false
		}
	}
	return true
}

// cleanAt reports whether one byte may stand where it does.
func cleanAt(data []byte, i int) bool {
	switch c := data[i]; c {
	case '\t':
		return true
	case '\r':
		return i+1 == len(data) || data[i+1] == '\n'
	case '\n':
		return i > 0 && data[i-1] == '\r'
	default:
		return c >= ' ' && c != 0x7f
	}
}

// printable reports whether none of eight bytes is below a space, and none is
// DEL: a byte less than n, below 128, is one that borrows when n is taken from it
// and has no high bit of its own.
func printable(eight uint64) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	del := eight ^ 0x7f*each
	return ((eight-' '*each)&^eight|(del-each)&^del)&high == 0
}
