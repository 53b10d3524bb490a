package siptest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bcd writes digits and fillers as they stand, or with their nibbles swapped.
func bcd(digits string, turned bool) []byte {
	b, _ := hex.DecodeString(digits)
	if turned {
		return swapped(b)
	}
	return b
}

// BCD is found without the country code too, in the middle of other things, in either
// order, with what fills its last byte, in hex and in base64.
func TestASieveFindsDecimalsWithoutACountryCode(t *testing.T) {
	numbers := manyNumbers()
	sieve := NewSieve("91", numbers)
	asItIs := func(b []byte) []byte { return b }
	inHex := func(b []byte) []byte { return []byte(hex.EncodeToString(b)) }
	inBase64 := func(b []byte) []byte {
		return []byte("=" + base64.StdEncoding.EncodeToString(append(b, "\xff\xff\xff\xff"...)[:12]))
	}
	for n, row := range []struct {
		name, says string
		digits     func(d string) string
		turned     bool
		within     func([]byte) []byte
	}{
		{"national", "BCD without country code", func(d string) string { return d[2:] }, false, asItIs},
		{"national, swapped", "BCD, nibbles swapped without country code", func(d string) string { return d[2:] }, true, asItIs},
		{"trunk prefix and filler", "BCD without country code", func(d string) string { return "0" + d[2:] + "f" }, false, asItIs},
		{"trunk prefix and filler, swapped", "BCD, nibbles swapped without country code", func(d string) string { return "0" + d[2:] + "f" }, true, asItIs},
		{"trunk prefix and ISUP's filler, swapped", "BCD, nibbles swapped without country code", func(d string) string { return "0" + d[2:] + "0" }, true, asItIs},
		{"last 7 and filler, swapped", "BCD, nibbles swapped without country code", func(d string) string { return d[5:] + "f" }, true, asItIs},
		{"ISUP's calling party number", "BCD, nibbles swapped without country code", func(d string) string { return "3011" + d[2:] }, true, asItIs},
		{"the same in hex", "BCD, nibbles swapped without country code in hex", func(d string) string { return "3011" + d[2:] }, true, inHex},
		{"national in hex", "BCD, nibbles swapped without country code in hex", func(d string) string { return d[2:] + "ff" }, true, inHex},
		{"national in base64", "BCD without country code in base64", func(d string) string { return d[2:] + "ff" }, false, inBase64},
		{"international prefix", "BCD, nibbles swapped", func(d string) string { return "00" + d }, true, asItIs},
	} {
		t.Run(row.name, func(t *testing.T) {
			which := 31 * (n + 1)
			written := row.within(bcd(row.digits(numbers[which][1:]), row.turned))
			for _, around := range [][2]string{{"", ""}, {"Via: SIP", ";x"}, {"\xff\x00\xfc", "\xee\xee"}, {"<", "\x00\x00"}} {
				found := sieve.SearchClosely(slices.Concat([]byte(around[0]), written, []byte(around[1])))
				if !slices.ContainsFunc(found, func(c Catch) bool { return c.Number == which && c.Spelling == row.says }) {
					t.Errorf("between %q and %q: found %v", around[0], around[1], found)
				}
			}
		})
	}
}

// In what is text it is not found where it is not.
func TestAClosePassFindsNothingInText(t *testing.T) {
	numbers := manyNumbers()
	var text strings.Builder
	for n := range 20000 {
		id := fmt.Sprintf("%x", (uint64(n)+1)*0x9e3779b97f4a7c15)
		fmt.Fprintf(&text, "INVITE sip:+1555010%04d@127.64.1.1:5060 SIP/2.0\r\nCall-ID: %s\r\n{\"ref\":\"%s\",\"took\":0.%09d}\n", n%10000, id, base64.RawURLEncoding.EncodeToString([]byte(id)), n*7919)
	}
	if found := NewSieve("91", numbers).SearchClosely([]byte(text.String())); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// Nor in an id that ends as the last digits of a thousand numbers do: of a hundred thousand ids one may.
func TestAClosePassFindsNothingInIDs(t *testing.T) {
	numbers := manyNumbers()
	id := append([]byte("\x9f\x8a\xbb\xcd\xee\xfc\xda\xbf\xab\xcf\xde"), bcd(numbers[31][6:]+"f", true)...)
	for _, text := range []string{hex.EncodeToString(id), base64.RawURLEncoding.EncodeToString(id)} {
		if found := NewSieve("91", numbers).SearchClosely([]byte(text)); len(found) > 0 {
			t.Errorf("in %s: found %v", text, found)
		}
	}
}
