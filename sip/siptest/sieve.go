package siptest

import (
	"fmt"
	"slices"
	"strings"
)

// Sieve finds whichever of very many numbers stands in bytes, in every spelling
// that [Canary] knows, and in digests: in one pass, whose time does not depend on
// how many numbers there are.
//
// A canary has a text for each spelling of each secret. A sieve goes the other way: it
// reads what is written (as it stands, and with hex, base64 and escapes undone)
// and looks each run of digits up. What is looked up is long enough that chance does
// not write it: a number with its country code wherever it stands, without it when
// nothing but a trunk prefix is in the same run, its last seven digits as a word alone.
type Sieve struct {
	classes  [256]class
	lengths  []int      // of the numbers with their country codes, the shortest first
	whole    [16]table  // of each length: packed digits
	national table      // packed digits, without the country code
	local    table      // packed, the last seven
	decimals []decimals // packed digits, as BCD has them without the country code
	words    table      // eight bytes: integers, the beginnings of digests
	varints  table      // six bytes: integers as protocol buffers write them
}

// Catch is a number that was found. It says which by its place in the list that the
// sieve was made of: the number itself is not to be printed.
type Catch struct {
	Number   int
	Offset   int // of what it is written in
	Spelling string
}

// String says which number, where and how, and not the number.
func (c Catch) String() string {
	return fmt.Sprintf("number %d at byte %d as %s", c.Number, c.Offset, c.Spelling)
}

// localDigits is how many digits are enough to guess a number by who knows the town.
const localDigits = 7

// class is what a byte is among digits.
type class uint8

const (
	other class = iota
	digit
	separator // stands between digits, and does not end them
	letter    // ends them, and makes what they stand in a name of something else
)

// NewSieve makes a sieve of numbers in E.164, all with that country code, of at least
// six and at most fifteen digits.
func NewSieve(country string, numbers []string) *Sieve {
	s := &Sieve{national: newTable(), local: newTable(), words: newTable(), varints: newTable()}
	s.classify()
	for n, e164 := range numbers {
		digits := strings.TrimPrefix(e164, "+")
		if s.whole[len(digits)].keys == nil {
			s.whole[len(digits)] = newTable()
			s.lengths = append(s.lengths, len(digits))
		}
		national := strings.TrimPrefix(digits, country)
		s.whole[len(digits)].addBothWays(digits, n)
		s.national.addBothWays(national, n)
		s.local.addBothWays(digits[len(digits)-localDigits:], n)
		s.addDecimals(national, n)
		s.addIntegers(digits, n)
		s.addIntegers(national, n)
		s.addDigests(digits, national, n)
	}
	slices.Sort(s.lengths)
	return s
}

// classify fills the table of what a byte is. Of the separators, NUL is for UTF-16
// and UTF-32, the bytes from 0x80 on for no-break spaces and typographers' dashes.
func (s *Sieve) classify() {
	for b := range s.classes {
		switch c := byte(b); {
		case '0' <= c && c <= '9':
			s.classes[b] = digit
		case strings.IndexByte(" \t\x00-.()/", c) >= 0, slices.Contains([]byte{0x80, 0x89, 0x90, 0x91, 0x93, 0xa0, 0xaf, 0xc2, 0xe2}, c):
			s.classes[b] = separator
		case 'a' <= c|0x20 && c|0x20 <= 'z', c == '_':
			s.classes[b] = letter
		}
	}
}

// Search returns what stands in the data, in the order in which it stands there.
func (s *Sieve) Search(data []byte) []Catch { return s.search(&pass{sieve: s}, data) }

// SearchClosely also finds BCD without the country code, with or without a trunk prefix,
// and of the last seven digits with the filler that makes them whole bytes. That is so
// short that chance writes it into what is sealed or encrypted.
func (s *Sieve) SearchClosely(data []byte) []Catch {
	return s.search(&pass{sieve: s, closely: true}, data)
}

func (s *Sieve) search(p *pass, data []byte) []Catch {
	p.sift(data, 0, "")
	p.undoEscapes(data)
	p.undoHex(data)
	p.undoHexPairs(data)
	p.undoHexNumbers(data)
	p.undoBase64(data)
	slices.SortStableFunc(p.caught, func(a, b Catch) int { return a.Offset - b.Offset })
	return slices.Compact(p.caught)
}

// pass is one search.
type pass struct {
	sieve   *Sieve
	closely bool
	caught  []Catch
}

func (p *pass) catch(number, offset int, spelling, within string) {
	p.caught = append(p.caught, Catch{number, offset, spelling + within})
}
