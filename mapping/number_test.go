package mapping_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"maskd/mapping"
)

// number reads a number that a test knows to be good.
func number(t testing.TB, s string) mapping.Number {
	t.Helper()
	n, err := mapping.ParseNumber(s)
	if err != nil {
		t.Fatalf("ParseNumber: %v", err)
	}
	return n
}

var malformed = []struct {
	name, text string
	want       error
}{
	{"empty", "", mapping.ErrNumberEmpty},
	{"no plus", "4915112345678", mapping.ErrNumberPlus},
	{"international prefix for a plus", "004915112345678", mapping.ErrNumberPlus},
	{"country code that begins with zero", "+0915112345678", mapping.ErrNumberPlus},
	{"space before the plus", " +4915112345678", mapping.ErrNumberPlus},
	{"space within", "+49 15112345678", mapping.ErrNumberDigits},
	{"letter at the end", "+4915112345678x", mapping.ErrNumberDigits},
	{"second plus", "++4915112345678", mapping.ErrNumberDigits},
	{"line end, which could smuggle a header", "+4915112345678\r\n", mapping.ErrNumberDigits},
	{"NUL", "+4915112345678\x00", mapping.ErrNumberDigits},
	{"digits of another script", "+49١٢٣٤٥٦٧", mapping.ErrNumberDigits},
	{"SIP parameter", "+4915112345678;ext=1", mapping.ErrNumberDigits},
	{"plus alone", "+", mapping.ErrNumberShort},
	{"emergency number", "+112", mapping.ErrNumberShort},
	{"six digits", "+491511", mapping.ErrNumberShort},
	{"sixteen digits", "+4915112345678901", mapping.ErrNumberLong},
}

func TestParseNumberRefuses(t *testing.T) {
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			n, err := mapping.ParseNumber(tt.text)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if !n.IsZero() {
				t.Error("a refused text gave a number")
			}
		})
	}
}

// A number that is appended to others is the one that would be read by itself, or none.
func TestAppendNumberReadsAsParseNumberDoes(t *testing.T) {
	before := []mapping.Number{number(t, "+4915112345678")}
	texts := []string{"+4915112", "+15550200001", "+491511234567890"}
	for _, tt := range malformed {
		texts = append(texts, tt.text)
	}
	for _, text := range texts {
		want := before
		n, wantErr := mapping.ParseNumber(text)
		if wantErr == nil {
			want = append(before[:1:1], n)
		}
		got, err := mapping.AppendNumber(before[:1:1], []byte(text))
		if !errors.Is(err, wantErr) || !slices.Equal(got, want) {
			t.Errorf("a text of %d bytes: %d numbers, %v, want %d, %v", len(text), len(got), err, len(want), wantErr)
		}
	}
}

func TestAppendNumberTakesNoMemoryWhereThereIsRoom(t *testing.T) {
	text, room := []byte("+4915112345678"), make([]mapping.Number, 0, 1)
	if n := testing.AllocsPerRun(100, func() { _, _ = mapping.AppendNumber(room, text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// An error must not quote the text: it may be a real number with one digit too
// many.
func TestParseNumberNeverQuotesTheText(t *testing.T) {
	for _, tt := range malformed {
		if len(tt.text) < 4 {
			continue
		}
		_, err := mapping.ParseNumber(tt.text)
		for _, part := range []string{tt.text, strings.Trim(tt.text, "+ \r\n"), tt.text[:4], tt.text[len(tt.text)-4:]} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error quotes %q", tt.name, part)
			}
		}
	}
}

func TestParseNumberTakesSevenToFifteenDigits(t *testing.T) {
	for _, text := range []string{"+4915112", "+15550200001", "+491511234567890"} {
		if got := number(t, text).Reveal(); got != text {
			t.Errorf("Reveal() = %q, want %q", got, text)
		}
	}
}

func TestNumbersOfOneTextAreOneKey(t *testing.T) {
	first, second := number(t, "+15550200001"), number(t, strings.Clone("+15550200001"))
	if first != second {
		t.Error("two readings of one number differ")
	}
	if first == number(t, "+15550200002") {
		t.Error("two numbers are equal")
	}
	if held := map[mapping.Number]bool{first: true}; !held[second] {
		t.Error("a number is not found under its own key")
	}
}

func TestZeroNumberIsNoNumber(t *testing.T) {
	var none mapping.Number
	if !none.IsZero() || none.Reveal() != "" || none.String() != "none" {
		t.Errorf("zero number: IsZero %t, Reveal %q, String %q", none.IsZero(), none.Reveal(), none)
	}
}

func TestMaskHidesTheLength(t *testing.T) {
	short, long := number(t, "+4915142"), number(t, "+491511234567842")
	if got := short.String(); got != "+*******42" {
		t.Errorf("mask %q", got)
	}
	if short.String() != long.String() {
		t.Errorf("masks %q and %q tell a short number from a long one", short, long)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, tt := range malformed {
		f.Add(tt.text)
	}
	f.Add("+15550200001")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := mapping.ParseNumber(text)
		if err != nil {
			if !n.IsZero() {
				t.Fatal("an error and a number")
			}
			return
		}
		if n.Reveal() != text {
			t.Fatalf("%q was read as another number", text)
		}
		if digits := strings.Trim(text, "0123456789"); digits != "+" || text[0] != '+' || len(text) < 8 || len(text) > 16 {
			t.Fatalf("%q is not strict E.164", text)
		}
		if strings.Contains(n.String(), text[1:]) {
			t.Fatal("the mask shows the number")
		}
	})
}
