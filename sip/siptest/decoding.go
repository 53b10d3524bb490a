package siptest

import (
	"strconv"
	"strings"
)

// What is undone before it is sifted. Each takes what looks like its encoding
// wherever it begins, for the number may stand in the middle of a longer text.

// shortestText is how long the encoded form of a number is at least, in characters.
const shortestText = 12

// undoEscapes reads %39, \x39, \u0039, &#57; and &#x39; as what they stand for, and
// what is near them as it is.
//
//go:norace
func (p *pass) undoEscapes(data []byte) {
	const near = 40 // bytes, more than a number takes
	for i := 0; i < len(data); i++ {
		if _, size := escape(data[i:]); size == 0 {
			continue
		}
		begin := max(0, i-near)
		text := append([]byte(nil), data[begin:i]...)
		for left := near; i < len(data) && left > 0; left-- {
			b, size := escape(data[i:])
			if size == 0 {
				b, size = data[i], 1
			} else {
				left = near
			}
			text, i = append(text, b), i+size
		}
		p.sift(text, begin, " with escapes")
	}
}

// escape returns the byte that an escape at the beginning of data stands for, and how
// long it is; 0 if there is none.
//
//go:norace
func escape(data []byte) (b byte, size int) {
	switch data[0] {
	case '%':
		return escaping(data, "%", 2, 16)
	case '\\':
		if b, size = escaping(data, `\x`, 2, 16); size == 0 {
			b, size = escaping(data, `\u00`, 2, 16)
		}
		return b, size
	case '&':
		if b, size = escaping(data, "&#x", 2, 16); size == 0 {
			b, size = escaping(data, "&#", 2, 10)
		}
		if size > 0 && (len(data) == size || data[size] != ';') {
			return 0, 0
		}
		return b, size + min(size, 1)
	default:
		return 0, 0
	}
}

//go:norace
func escaping(data []byte, prefix string, digits, base int) (byte, int) {
	size := len(prefix) + digits
	if len(data) < size || string(data[:len(prefix)]) != prefix {
		return 0, 0
	}
	n, err := strconv.ParseUint(string(data[len(prefix):size]), base, 8)
	if err != nil {
		return 0, 0
	}
	return byte(n), size
}

// undoHex reads hexadecimal text, from either of two neighbouring characters on.
//
//go:norace
func (p *pass) undoHex(data []byte) {
	stretches(data, hexValue, func(begin, end int) {
		for phase := range 2 {
			text := make([]byte, 0, (end-begin)/2)
			for i := begin + phase; i+1 < end; i += 2 {
				high, _ := hexValue(data[i])
				low, _ := hexValue(data[i+1])
				text = append(text, high<<4|low)
			}
			p.sift(text, begin, " in hex")
		}
	})
}

// undoHexPairs reads what a dump looks like: 39 31 39, or with colons, dashes, commas.
//
//go:norace
func (p *pass) undoHexPairs(data []byte) {
	for i := 0; i+2 < len(data); i++ {
		between := data[i+2]
		if strings.IndexByte(" :-,", between) < 0 {
			continue
		}
		begin, text := i, []byte(nil)
		for i+1 < len(data) {
			high, ok := hexValue(data[i])
			low, ok2 := hexValue(data[i+1])
			if !ok || !ok2 {
				break
			}
			text = append(text, high<<4|low)
			if i += 2; i >= len(data) || data[i] != between {
				break
			}
			i++
		}
		if 3*len(text) > shortestText {
			p.sift(text, begin, " in a hex dump")
		}
		if i = max(i, begin); i > begin {
			i-- // what ended the dump may begin another one
		}
	}
}

// undoHexNumbers reads hexadecimal numbers as Go prints them: 0xd628f0c2a1 in a trace of a
// goroutine, and bytes in a list, 0x39, 0x31.
//
//go:norace
func (p *pass) undoHexNumbers(data []byte) {
	var list []byte
	begin, end := 0, 0
	for i := 0; i+2 < len(data); i++ {
		if data[i] != '0' || data[i+1]|0x20 != 'x' {
			continue
		}
		at, value, size := i, uint64(0), 0
		for i += 2; i < len(data) && size < 16; i++ {
			d, ok := hexValue(data[i])
			if !ok {
				break
			}
			value, size = value<<4|uint64(d), size+1
		}
		p.word(value, at, 0, " in hex")
		if size > 2 || at > end+2 {
			p.sift(list, begin, " in a list")
			list = list[:0]
		}
		if len(list) == 0 {
			begin = at
		}
		if size <= 2 {
			list = append(list, byte(value))
		}
		end = i
		i--
	}
	p.sift(list, begin, " in a list")
}

// undoBase64 reads base64 of both alphabets, from each of four neighbouring characters
// on: nobody knows which of them begins three bytes.
//
//go:norace
func (p *pass) undoBase64(data []byte) {
	stretches(data, base64Value, func(begin, end int) {
		for phase := range 4 {
			text, bits, size := make([]byte, 0, (end-begin)*3/4), uint32(0), 0
			for _, c := range data[begin+phase : end] {
				value, _ := base64Value(c)
				bits, size = bits<<6|uint32(value), size+6
				if size >= 8 {
					size -= 8
					text = append(text, byte(bits>>size))
				}
			}
			p.sift(text, begin, " in base64")
		}
	})
}

// stretches calls f with each stretch of characters of an alphabet that is long enough
// for a number.
//
//go:norace
func stretches(data []byte, of func(byte) (byte, bool), f func(begin, end int)) {
	begin := 0
	for i := 0; i <= len(data); i++ {
		if i < len(data) {
			if _, ok := of(data[i]); ok {
				continue
			}
		}
		if i-begin >= shortestText {
			f(begin, i)
		}
		begin = i + 1
	}
}

//go:norace
func hexValue(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	default:
		return 0, false
	}
}

//go:norace
func base64Value(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '+' || c == '-':
		return 62, true
	case c == '/' || c == '_':
		return 63, true
	default:
		return 0, false
	}
}
