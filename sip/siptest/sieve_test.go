package siptest

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// manyNumbers are a thousand Indian mobile numbers.
func manyNumbers() []string {
	numbers := make([]string, 1000)
	for n := range numbers {
		numbers[n] = fmt.Sprintf("+9198%08d", (n*7919+1234567)%100000000)
	}
	return numbers
}

// writings are the ways in which a number may be written, by what a catch of it says.
var writings = []struct {
	name, says string
	write      func(digits string) []byte
}{
	{"E.164", "digits", func(d string) []byte { return []byte("+" + d) }},
	{"without plus", "digits", func(d string) []byte { return []byte(d) }},
	{"international prefix", "digits", func(d string) []byte { return []byte("00" + d) }},
	{"national", "national digits", func(d string) []byte { return []byte(d[2:]) }},
	{"trunk prefix", "national digits", func(d string) []byte { return []byte("0" + d[2:]) }},
	{"last 7", "last 7 digits", func(d string) []byte { return []byte(d[5:]) }},
	{"last 7 in a URI", "last 7 digits", func(d string) []byte { return []byte("sip:" + d[5:] + "@") }},
	{"spaced", "separated digits", func(d string) []byte { return []byte("+" + d[:2] + " " + d[2:7] + " " + d[7:]) }},
	{"with other separators", "separated digits", func(d string) []byte { return []byte("+" + d[:2] + " (" + d[2:5] + ") " + d[5:8] + "-" + d[8:]) }},
	{"with no-break spaces", "separated digits", func(d string) []byte { return []byte(d[:2] + "\u00a0" + d[2:7] + "\u2011" + d[7:]) }},
	{"national, spaced", "national digits", func(d string) []byte { return []byte("0" + d[2:7] + " " + d[7:]) }},
	{"backwards", "digits", func(d string) []byte { return []byte(backwards(d)) }},
	{"national, backwards", "national digits", func(d string) []byte { return []byte(backwards(d[2:])) }},
	{"plus escaped", "digits", func(d string) []byte { return []byte("%2B" + d) }},
	{"escaped", "digits with escapes", func(d string) []byte { return []byte(escaped(d)) }},
	{"half escaped", "digits with escapes", func(d string) []byte { return []byte(d[:7] + escaped(d[7:8]) + d[8:]) }},
	{"spaces escaped", "separated digits with escapes", func(d string) []byte { return []byte(d[:2] + "%20" + d[2:7] + "%2D" + d[7:]) }},
	{"escaped for JSON", "digits with escapes", func(d string) []byte { return []byte(strings.ReplaceAll(hexOf(d, `\u00`), " ", "")) }},
	{"escaped for HTML", "digits with escapes", func(d string) []byte {
		var b strings.Builder
		for _, c := range []byte(d) {
			fmt.Fprintf(&b, "&#%d;", c)
		}
		return []byte(b.String())
	}},
	{"hex", "digits in hex", func(d string) []byte { return []byte(hex.EncodeToString([]byte(d))) }},
	{"hex in capitals, of a longer text", "digits in hex", func(d string) []byte {
		return []byte(strings.ToUpper(hex.EncodeToString([]byte("tel:+" + d + ";x"))))
	}},
	{"hex dump", "digits in a hex dump", func(d string) []byte { return []byte(hexOf(d, " ")[1:]) }},
	{"hex dump with colons", "digits in a hex dump", func(d string) []byte { return []byte(hexOf(d, ":")[1:]) }},
	{"base64", "digits in base64", func(d string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("+" + d))) }},
	{"base64, one byte later", "digits in base64", func(d string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("x+" + d))) }},
	{"base64, two bytes later", "digits in base64", func(d string) []byte { return []byte(base64.RawURLEncoding.EncodeToString([]byte("xy+" + d))) }},
	{"base64 of JSON", "digits in base64", func(d string) []byte {
		return []byte(base64.RawURLEncoding.EncodeToString([]byte(`{"orig":{"tn":"` + d + `"}}`)))
	}},
	{"base64 of a spaced one", "separated digits in base64", func(d string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(d[:2] + " " + d[2:]))) }},
	{"base64 of a national one", "national digits in base64", func(d string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("<" + d[2:] + ">"))) }},
	{"UTF-16, low byte first", "separated digits", func(d string) []byte { return wide(d, binary.LittleEndian) }},
	{"UTF-16, high byte first", "separated digits", func(d string) []byte { return wide(d, binary.BigEndian) }},
	{"BCD", "BCD", func(d string) []byte { b, _ := hex.DecodeString(d); return b }},
	{"BCD behind half a byte", "BCD", func(d string) []byte { b, _ := hex.DecodeString("f" + d + "f"); return b }},
	{"BCD as ISUP has it", "BCD, nibbles swapped", func(d string) []byte { b, _ := hex.DecodeString(d); return swapped(b) }},
	{"BCD as ISUP has it, in hex", "BCD, nibbles swapped in hex", func(d string) []byte { b, _ := hex.DecodeString(d); return []byte(hex.EncodeToString(swapped(b))) }},
	{"BCD in base64", "BCD in base64", func(d string) []byte {
		b, _ := hex.DecodeString(d)
		return []byte(base64.StdEncoding.EncodeToString(append([]byte("head"), b...)) + "AAAA")
	}},
	{"integer, high byte first", "integer or digest", func(d string) []byte { return binary.BigEndian.AppendUint64(nil, integer(d)) }},
	{"integer, low byte first", "integer or digest", func(d string) []byte { return binary.LittleEndian.AppendUint64(nil, integer(d)) }},
	{"integer in hex, as an argument in a trace", "integer or digest in hex", func(d string) []byte { return fmt.Appendf(nil, "(0x%x, 0xc000264248)", integer(d)) }},
	{"national integer in hex", "integer or digest in hex", func(d string) []byte { return fmt.Appendf(nil, "{0x%x}", integer(d[2:])) }},
	{"bytes as Go prints them", "digits in a list", func(d string) []byte { return fmt.Appendf(nil, "%#v", []byte("+"+d)) }},
	{"BCD as Go prints it", "BCD in a list", func(d string) []byte { b, _ := hex.DecodeString(d); return fmt.Appendf(nil, "%#v", b) }},
	{"national integer", "integer or digest", func(d string) []byte { return binary.LittleEndian.AppendUint64(nil, integer(d[2:])) }},
	{"float64", "integer or digest", func(d string) []byte {
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(integer(d))))
	}},
	{"varint", "varint", func(d string) []byte { return binary.AppendUvarint(nil, integer(d)) }},
	{"MD5 in hex", "integer or digest in hex", func(d string) []byte { return fmt.Appendf(nil, "%x", md5.Sum([]byte("+"+d))) }},
	{"SHA-1", "integer or digest", func(d string) []byte { h := sha1.Sum([]byte(d)); return h[:] }},
	{"SHA-256 in hex", "integer or digest in hex", func(d string) []byte { return fmt.Appendf(nil, "%X", sha256.Sum256([]byte("+"+d))) }},
	{"SHA-256 in base64", "integer or digest in base64", func(d string) []byte {
		h := sha256.Sum256([]byte(d[2:]))
		return []byte(base64.RawURLEncoding.EncodeToString(h[:]))
	}},
	{"SHA-512", "integer or digest", func(d string) []byte { h := sha512.Sum512([]byte("00" + d)); return h[:] }},
}

func hexOf(d, before string) string {
	var b strings.Builder
	for _, c := range []byte(d) {
		fmt.Fprintf(&b, "%s%02x", before, c)
	}
	return b.String()
}

func wide(d string, order binary.AppendByteOrder) (b []byte) {
	for _, c := range utf16.Encode([]rune(d)) {
		b = order.AppendUint16(b, c)
	}
	return b
}

func swapped(b []byte) []byte {
	for i := range b {
		b[i] = b[i]<<4 | b[i]>>4
	}
	return b
}

func integer(d string) uint64 {
	n, _ := strconv.ParseUint(d, 10, 64)
	return n
}

// Each spelling is found in the middle of other things, and the right number is told.
func TestASieveFindsEverySpelling(t *testing.T) {
	numbers := manyNumbers()
	sieve := NewSieve("91", numbers)
	for n, w := range writings {
		t.Run(w.name, func(t *testing.T) {
			which := 17 * (n + 1)
			for _, around := range [][2]string{{"", ""}, {"From: <", ">;tag=x\r\n"}, {"\xff\x00\x17", "\xee\xee"}, {`{"took":0.25,"it":"`, `"}`}} {
				data := slices.Concat([]byte(around[0]), w.write(numbers[which][1:]), []byte(around[1]))
				found := sieve.Search(data)
				if !slices.ContainsFunc(found, func(c Catch) bool { return c.Number == which && c.Spelling == w.says }) {
					t.Errorf("between %q and %q: found %v", around[0], around[1], found)
				}
				for _, c := range found {
					if c.Number != which || c.Offset < 0 || c.Offset > len(data) {
						t.Errorf("between %q and %q: found %s, not number %d", around[0], around[1], c, which)
					}
				}
			}
		})
	}
}

// A catch says which number, where and how it is written, and not the number.
func TestACatchDoesNotSayTheNumber(t *testing.T) {
	const which = 7
	number := manyNumbers()[which]
	found := NewSieve("91", manyNumbers()).Search([]byte("call " + number + " back"))
	if want := (Catch{Number: which, Offset: 17, Spelling: "digits"}); !slices.Contains(found, want) {
		t.Errorf("found %v, not %s", found, want)
	}
	if text := fmt.Sprint(found); strings.Contains(text, number[5:]) {
		t.Errorf("it is printed: %s", text)
	}
}

// Nothing is found where nothing is: in noise, in text of noise, in the numbers next
// to those that are looked for, in what is shorter.
func TestASieveFindsNothingInNoise(t *testing.T) {
	numbers := manyNumbers()
	sieve := NewSieve("91", numbers)
	noise := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	var others strings.Builder
	for _, number := range numbers {
		if next := fmt.Sprintf("+%d", integer(number[1:])+1); !slices.Contains(numbers, next) {
			fmt.Fprintf(&others, "<%s> %s\n%s\n%x %s\n", next, next[:12], number[7:], next, base64.StdEncoding.EncodeToString([]byte(next)))
		}
		last := number[6:]
		fmt.Fprintf(&others, `"took":0.00%s,"half":1.%s,"id":"a%sb"`+"\n", last, last, last)
	}
	for name, data := range map[string][]byte{
		"bytes": noise, "hex": []byte(hex.EncodeToString(noise)), "base64": []byte(base64.StdEncoding.EncodeToString(noise)),
		"digits": digitsOf(noise[:1<<18]), "others": []byte(others.String()),
	} {
		if found := sieve.Search(data); len(found) > 0 {
			t.Errorf("in %s: %v", name, found)
		}
	}
}

// digitsOf writes as many digits, with a blank behind every twentieth.
func digitsOf(noise []byte) []byte {
	digits := make([]byte, len(noise))
	for i, b := range noise {
		if digits[i] = '0' + b%10; i%20 == 19 {
			digits[i] = '\n'
		}
	}
	return digits
}

// The sieve finds what a search for the texts themselves finds, among digits that are
// nearly the numbers.
func TestASieveFindsWhatASlowSearchFinds(t *testing.T) {
	const few = 20
	numbers := manyNumbers()[:few]
	sieve := NewSieve("91", numbers)
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := []byte(nil)
		for range 3 {
			n := numbers[random.IntN(few)][1:]
			text = append(text, n[random.IntN(3):len(n)-random.IntN(3)]...)
			text = append(text, "+x0"[random.IntN(3)])
		}
		for n, number := range numbers {
			want := bytes.Contains(text, []byte(number[1:])) || bytes.Contains(text, []byte(backwards(number[1:])))
			got := slices.ContainsFunc(sieve.Search(text), func(c Catch) bool { return c.Number == n && c.Spelling == "digits" })
			if want != got {
				t.Fatalf("number %d in %q: found %t, want %t", n, text, got, want)
			}
		}
	}
}

func FuzzSieve(f *testing.F) {
	f.Add([]byte("From: \"x\" <sip:"), []byte("@host>"), uint16(3), uint8(0))
	f.Add([]byte("%"), []byte("%"), uint16(3), uint8(9))
	f.Add([]byte("39 39"), []byte("&#5"), uint16(700), uint8(12))
	numbers := manyNumbers()
	sieve := NewSieve("91", numbers)
	f.Fuzz(func(t *testing.T, before, after []byte, which uint16, how uint8) {
		n, w := int(which)%len(numbers), writings[int(how)%len(writings)]
		found := sieve.Search(slices.Concat(before, w.write(numbers[n][1:]), after))
		if !slices.Contains([]string{"digits", "BCD", "integer or digest", "varint"}, w.says) {
			return // what stands around it may be read with it
		}
		if !slices.ContainsFunc(found, func(c Catch) bool { return c.Number == n }) {
			t.Errorf("number %d as %s is not found between %q and %q", n, w.name, before, after)
		}
	})
}

// What is searched in practice: messages and logs, most of which is text, and a store,
// which is noise.
func BenchmarkSieve(b *testing.B) {
	sieve := NewSieve("91", manyNumbers())
	noise := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	message := "INVITE sip:+15550100001@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.64.1.10:5060;branch=z9hG4bK0123456789abcdef\r\n" +
		"From: <sip:+918412345678@carrier.example>;tag=9f2c4a11\r\nCall-ID: Rk3v0s9LxQ2mZtYw8aBcDe\r\nContent-Length: 0\r\n\r\n" +
		`{"level":"debug","time":"2026-11-22T07:00:00.123Z","msg":"call ended","call":"call_06h00jvc8tr71c28mb7ucs3mm0","took":0.001234}` + "\n"
	for name, data := range map[string][]byte{"text": bytes.Repeat([]byte(message), 2500), "noise": noise} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_ = sieve.Search(data)
			}
		})
	}
}
