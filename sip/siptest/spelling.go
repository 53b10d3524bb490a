package siptest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Number adds a number in E.164: its digits and its last seven, with the usual
// separators, escaped, backwards, in base64 and hex, and in BCD as ISUP writes
// it.
func (c *Canary) Number(e164 string) *Canary {
	digits := strings.TrimPrefix(e164, "+")
	last := digits[len(digits)-7:]
	c.text(e164, "digits", digits)
	c.text(e164, "last 7 digits", last)
	c.spellings = append(c.spellings, spelling{of: e164, how: "separated digits", bytes: []byte(last), form: asDigits})
	c.text(e164, "escaped", escaped(last))
	c.text(e164, "backwards", backwards(last))
	c.encoded(e164, digits)
	c.bcd(e164, digits)
	return c
}

// Address adds an IPv4 address: dotted, in hex, as a number, as a name in DNS,
// and as four bytes; or one of IPv6: short, in full, in hex, and as sixteen
// bytes.
func (c *Canary) Address(addr netip.Addr) *Canary {
	if addr.Is6() {
		return c.addressSix(addr)
	}
	raw := addr.As4()
	dotted := addr.String()
	c.text(dotted, "dotted", dotted)
	c.text(dotted, "hex", hex.EncodeToString(raw[:]))
	c.text(dotted, "hex in IPv6", fmt.Sprintf("%x:%x", binary.BigEndian.Uint16(raw[:2]), binary.BigEndian.Uint16(raw[2:])))
	c.text(dotted, "number", fmt.Sprint(binary.BigEndian.Uint32(raw[:])))
	c.text(dotted, "name in DNS", strings.ReplaceAll(dotted, ".", "-"))
	c.encoded(dotted, dotted)
	c.raw(dotted, "bytes", raw[:])
	slices.Reverse(raw[:])
	c.raw(dotted, "bytes, reversed", raw[:])
	return c
}

func (c *Canary) addressSix(addr netip.Addr) *Canary {
	raw, short := addr.As16(), addr.String()
	c.text(short, "short", short)
	c.text(short, "in full", addr.StringExpanded())
	c.text(short, "hex", hex.EncodeToString(raw[:]))
	c.encoded(short, short)
	c.raw(short, "bytes", raw[:])
	return c
}

// Text adds a text as it is, escaped, backwards, in base64 and in hex. It
// ignores case.
func (c *Canary) Text(text string) *Canary {
	c.text(text, "text", text)
	c.text(text, "escaped", escaped(text))
	c.text(text, "backwards", backwards(text))
	c.encoded(text, text)
	return c
}

// encoded adds a text in hex, and in base64 wherever in a longer text it
// stands. The two alphabets of base64 differ in what no number has.
func (c *Canary) encoded(of, text string) {
	c.text(of, "hex", hex.EncodeToString([]byte(text)))
	for phase := range 3 {
		// The characters at either end depend on the neighbours too.
		padded := strings.Repeat("\x00", phase) + text
		first, last := (8*phase+5)/6, 8*len(padded)/6
		c.text(of, "base64", base64.RawStdEncoding.EncodeToString([]byte(padded))[first:last])
		c.text(of, "base64url", base64.RawURLEncoding.EncodeToString([]byte(padded))[first:last])
	}
}

// bcd adds digits two to a byte, in both orders of the nibbles. An odd digit
// at the end shares its byte with a filler and is left out.
func (c *Canary) bcd(of, digits string) {
	for _, from := range []int{0, 1} { // a digit before them shifts them by a nibble
		pairs := digits[from:]
		packed, _ := hex.DecodeString(pairs[:len(pairs)&^1])
		c.raw(of, "BCD", packed)
		for i, b := range packed {
			packed[i] = b<<4 | b>>4
		}
		c.raw(of, "BCD, nibbles swapped", packed)
		c.text(of, "BCD in hex, nibbles swapped", hex.EncodeToString(packed))
	}
}

// shortest is the length from which on a text that is found is no accident.
const shortest = 5

func (c *Canary) text(of, how, text string) {
	if len(text) < shortest {
		return
	}
	c.spellings = append(c.spellings, spelling{of: of, how: how, bytes: lowered([]byte(text)), form: asText})
}

func (c *Canary) raw(of, how string, data []byte) {
	c.spellings = append(c.spellings, spelling{of: of, how: how, bytes: slices.Clone(data), form: asBytes})
}

// escaped writes every byte as a URI may: %39%38.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

func backwards(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}
