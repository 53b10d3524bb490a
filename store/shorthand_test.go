package store

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"maskd/mapping"
)

func TestShorthandIsTheSameOfANumberAndOfItsDigits(t *testing.T) {
	key, err := newShorthand(bytes.Repeat([]byte{7}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	other, err := newShorthand(bytes.Repeat([]byte{8}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[digest]string)
	rapid.Check(t, func(t *rapid.T) {
		under := rapid.StringN(0, 40, -1).Draw(t, "under")
		text := rapid.StringMatching(`\+[1-9][0-9]{6,14}`).Draw(t, "number")
		n, err := mapping.ParseNumber(text)
		if err != nil {
			t.Fatal(err)
		}
		d := key.number(under, n)
		if d != key.written(value(under), value(text)) {
			t.Error("the digits have another digest than the number")
		}
		if key.pair(under, n, n) != key.writtenPair(value(under), value(text), value(text)) {
			t.Error("the digits of two have another digest than the numbers")
		}
		if d == other.number(under, n) {
			t.Error("two keys have one digest")
		}
		what := under + "\x00" + text
		if before, known := seen[d]; known && before != what {
			t.Errorf("%q and %q have one digest", before, what)
		}
		seen[d] = what
	})
}

func BenchmarkShorthand(b *testing.B) {
	key, err := newShorthand(make([]byte, keySize))
	if err != nil {
		b.Fatal(err)
	}
	n := rider(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		key.number("+15550100001", n)
	}
}
