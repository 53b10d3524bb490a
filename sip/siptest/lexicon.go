package siptest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"math"
	"strconv"
)

// What a sieve looks up.

// table holds keys of numbers. Nearly all that is looked up is not in it, which the
// filter says without a look into the map.
type table struct {
	filter *[1 << (filterBits - 6)]uint64
	keys   map[uint64]int
}

// filterBits: with some twenty thousand keys, one in fifty of what is not in a table
// passes the filter of 128 KB.
const filterBits = 20

func newTable() table {
	return table{new([1 << (filterBits - 6)]uint64), make(map[uint64]int)}
}

func (t table) add(key uint64, number int) {
	t.keys[key] = number
	h := spread(key)
	t.filter[h>>6] |= 1 << (h & 63)
}

// spread is Fibonacci hashing: the high bits of a product with 2^64 over the golden
// ratio.
//
//go:norace
func spread(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> (64 - filterBits) }

// may reports whether the key may be in the table. It is asked of each byte, and so is
// small enough to be inlined.
//
//go:norace
func (t *table) may(key uint64) bool {
	h := spread(key)
	return t.filter[h>>6]>>(h&63)&1 != 0
}

// find returns the number of a key.
//
//go:norace
func (t *table) find(key uint64) (number int, ok bool) {
	if !t.may(key) {
		return 0, false
	}
	number, ok = t.keys[key]
	return number, ok
}

// addBothWays adds digits as they are read from either end.
func (t table) addBothWays(digits string, number int) {
	t.add(packed(digits), number)
	t.add(packed(backwards(digits)), number)
}

// packed writes digits four bits each: what a run of them is while it is read.
func packed(digits string) (key uint64) {
	for _, d := range []byte(digits) {
		key = key<<4 | uint64(d-'0')
	}
	return key
}

// addIntegers adds a number as programs write integers and what they take for them:
// eight bytes with either end first, a float64, and the varint of protocol buffers.
func (s *Sieve) addIntegers(digits string, number int) {
	n, _ := strconv.ParseUint(digits, 10, 64)
	for _, word := range []uint64{n, math.Float64bits(float64(n))} {
		s.words.add(word, number)
		s.words.add(binary.BigEndian.Uint64(binary.LittleEndian.AppendUint64(nil, word)), number)
	}
	if v := binary.AppendUvarint(nil, n); len(v) == varintSize {
		s.varints.add(binary.BigEndian.Uint64(append([]byte{0, 0}, v...)), number)
	}
}

// varintSize is that of integers from 2^35 to 2^42, as numbers of eleven and twelve
// digits are; varintMarks are the bits that say so.
const (
	varintSize  = 6
	varintMask  = 1<<(8*varintSize) - 1
	varintMarks = 0x808080808080
	varintEnds  = 0x808080808000
)

// addDigests adds the digests of a number as somebody could have thought to hide it:
// there are so few numbers that each can be tried.
func (s *Sieve) addDigests(digits, national string, number int) {
	for _, text := range []string{"+" + digits, digits, "00" + digits, national, "0" + national, "tel:+" + digits, "+" + digits + "\n", digits + "\n"} {
		five, one, two, twelve := md5.Sum([]byte(text)), sha1.Sum([]byte(text)), sha256.Sum256([]byte(text)), sha512.Sum512([]byte(text))
		for _, digest := range [][]byte{five[:], one[:], two[:], twelve[:]} {
			s.words.add(binary.BigEndian.Uint64(digest), number)
		}
	}
}
