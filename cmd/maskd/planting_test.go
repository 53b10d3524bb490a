package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// planting is a way to write a number into a sink, and what the sieve calls it.
type planting struct {
	says  string
	write func(e164 string) []byte
}

// plantings are the ways, of which each sink gets another one; of those that are found in
// noise, too, or of all.
func plantings(noise bool) []planting {
	ways := []planting{
		{"digits", func(n string) []byte { return []byte(n) }},
		{"national digits", func(n string) []byte { return []byte("0" + n[3:]) }},
		{"digits in base64", func(n string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("tel:" + n))) }},
		{"separated digits", func(n string) []byte { return []byte(n[:3] + " " + n[3:8] + " " + n[8:]) }},
		{"digits in hex", func(n string) []byte { return []byte(hex.EncodeToString([]byte(n))) }},
		{"digits with escapes", func(n string) []byte { return []byte(strings.ReplaceAll(n[1:], "9", "%39")) }},
		{"last 7 digits", func(n string) []byte { return []byte(n[6:]) }},
		{"BCD, nibbles swapped in hex", func(n string) []byte {
			b := []byte(n[1:])
			for i := 0; i+1 < len(b); i += 2 {
				b[i], b[i+1] = b[i+1], b[i]
			}
			return b
		}},
		{"separated digits", func(n string) (wide []byte) {
			for _, c := range utf16.Encode([]rune(n)) {
				wide = append(wide, byte(c), byte(c>>8))
			}
			return wide
		}},
		{"digits", func(n string) []byte {
			var b strings.Builder
			for i := len(n) - 1; i > 0; i-- {
				fmt.Fprintf(&b, "%c", n[i])
			}
			return []byte(b.String())
		}},
	}
	if noise {
		return ways
	}
	return append(ways, planting{"BCD, nibbles swapped without country code", func(n string) []byte { return packed("3011" + n[3:]) }},
		planting{"BCD without country code", func(n string) []byte { return unpacked("0" + n[3:] + "f") }},
		planting{"BCD, nibbles swapped without country code", func(n string) []byte { return packed(n[6:] + "f") }})
}

// unpacked is BCD as it is read, packed the same with nibbles swapped, as ISUP has it.
func unpacked(digits string) []byte {
	b, _ := hex.DecodeString(digits)
	return b
}

func packed(digits string) []byte {
	b := unpacked(digits)
	for i := range b {
		b[i] = b[i]<<4 | b[i]>>4
	}
	return b
}
