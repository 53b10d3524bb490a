package mapping_test

import (
	"bytes"
	"cmp"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"maskd/mapping"
)

// ids draws ids of any time that 48 bits of milliseconds hold.
func ids(t *rapid.T, label string) mapping.ID {
	at := time.UnixMilli(rapid.Int64Range(0, 1<<48-1).Draw(t, label+" at"))
	random := rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, label+" random")
	return mapping.NewID(at, [10]byte(random))
}

func TestIDIsAVersion7UUID(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 123_456_789, time.UTC)
	for _, random := range [][10]byte{{}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		id := mapping.NewID(at, random)
		if version, variant := id[6]>>4, id[8]>>6; version != 7 || variant != 0b10 {
			t.Errorf("version %d, variant %b of %x", version, variant, id)
		}
		if want := at.Truncate(time.Millisecond); !id.Time().Equal(want) {
			t.Errorf("Time() = %v, want %v", id.Time(), want)
		}
	}
}

// The ids of a time are those between two firsts.
func TestFirstIDIsBeforeThoseOfItsMillisecondAndAfterAllOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ids(t, "id")
		at := id.Time().Add(time.Duration(rapid.Int64Range(-2e6, 2e6).Draw(t, "nanoseconds")))
		if at.UnixMilli() >= 1<<48 {
			return // no id is so late
		}
		first := mapping.FirstID(at)
		if got, want := bytes.Compare(first[:], id[:]) < 0, at.UnixMilli() <= id.Time().UnixMilli(); got != want {
			t.Errorf("the first of %v is before an id of %v: %t", at, id.Time(), got)
		}
	})
	for _, at := range []time.Time{{}, time.Unix(-1, 0)} {
		if !mapping.FirstID(at).IsZero() {
			t.Errorf("the first of %v is not before all", at)
		}
	}
}

func TestIDUses74RandomBits(t *testing.T) {
	zeros := mapping.NewID(time.UnixMilli(0), [10]byte{})
	used := 0
	for bit := range 80 {
		var random [10]byte
		random[bit/8] = 1 << (bit % 8)
		if mapping.NewID(time.UnixMilli(0), random) != zeros {
			used++
		}
	}
	if used != 74 {
		t.Errorf("%d random bits are used, want 74", used)
	}
}

func TestIDsOrderByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids(t, "a"), ids(t, "b")
		if a.Time().Equal(b.Time()) {
			return
		}
		if got, want := bytes.Compare(a[:], b[:]), a.Time().Compare(b.Time()); got != want {
			t.Errorf("bytes order %d, times order %d", got, want)
		}
	})
}

func TestIDTextOrdersAsItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids(t, "a"), ids(t, "b")
		texts := cmp.Compare(a.Text(mapping.KindCall), b.Text(mapping.KindCall))
		if want := bytes.Compare(a[:], b[:]); texts != want {
			t.Errorf("texts order %d, bytes order %d", texts, want)
		}
	})
}

func TestIDComesBackFromItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ids(t, "id")
		for _, kind := range []mapping.Kind{mapping.KindInteraction, mapping.KindCall} {
			if got, err := mapping.ParseID(kind, id.Text(kind)); err != nil || got != id {
				t.Errorf("ParseID(%q) = %x, %v", id.Text(kind), got, err)
			}
		}
	})
}

func TestParseIDRefuses(t *testing.T) {
	good := mapping.NewID(time.UnixMilli(1_790_000_000_000), [10]byte{1, 2, 3}).Text(mapping.KindInteraction)
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"prefix alone", "int_"},
		{"no prefix", strings.TrimPrefix(good, "int_")},
		{"another kind", strings.Replace(good, "int_", "call_", 1)},
		{"prefix in capitals", strings.Replace(good, "int_", "INT_", 1)},
		{"capitals", strings.ToUpper(good[4:])},
		{"one character short", good[:len(good)-1]},
		{"one character more", good + "0"},
		{"character out of the alphabet", good[:len(good)-1] + "w"},
		{"padding", good + "======"},
		{"space after", good + " "},
		{"line end after, which the decoder ignores", good + "\n"},
		{"line end within", good[:10] + "\r\n" + good[10:]},
		{"spare bits of the last character set", good[:len(good)-1] + "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if id, err := mapping.ParseID(mapping.KindInteraction, tt.text); !errors.Is(err, mapping.ErrID) || !id.IsZero() {
				t.Errorf("ParseID = %x, %v; want ErrID", id, err)
			}
		})
	}
}

func TestZeroIDNamesNothing(t *testing.T) {
	if !(mapping.ID{}).IsZero() || mapping.NewID(time.UnixMilli(1), [10]byte{}).IsZero() {
		t.Error("IsZero")
	}
}

// An id has one written form: a cache, a log or an index keyed by the text
// agrees with one keyed by the id.
func FuzzParseID(f *testing.F) {
	f.Add("int_", "int_06a3")
	f.Add("int", mapping.ID{1}.Text(mapping.KindInteraction))
	f.Add("call", mapping.ID{0xff}.Text(mapping.KindCall)+"\n")
	f.Fuzz(func(t *testing.T, kind, text string) {
		id, err := mapping.ParseID(mapping.Kind(kind), text)
		if err != nil {
			if !errors.Is(err, mapping.ErrID) || !id.IsZero() {
				t.Fatalf("ParseID = %x, %v", id, err)
			}
			return
		}
		if got := id.Text(mapping.Kind(kind)); got != text {
			t.Fatalf("%q and %q are the same id", text, got)
		}
	})
}
