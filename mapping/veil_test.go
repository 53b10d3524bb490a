package mapping

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestAVeiledTextIsReadAgainAndIsNotInMemory(t *testing.T) {
	digits := rapid.StringMatching(`\+?[0-9]{3,15}`)
	rapid.Check(t, func(t *rapid.T) {
		text, other := digits.Draw(t, "text"), digits.Draw(t, "other")
		v := veiledOf(text)
		if got := v.text(); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
		if got := v.appendTo([]byte("sip:")); string(got) != "sip:"+text {
			t.Errorf("%q is appended as %q", text, got)
		}
		if v != veiledOf([]byte(text)) {
			t.Error("a text has two veils")
		}
		if (v == veiledOf(other)) != (text == other) {
			t.Errorf("%q and %q can't be told apart", text, other)
		}
		if bytes.Contains(v[:], []byte(text)) {
			t.Error("the text is in memory in clear")
		}
	})
}

func TestNoTextHasNoVeil(t *testing.T) {
	if v := veiledOf(""); v != (veiled{}) || v.text() != "" || len(v.appendTo(nil)) != 0 {
		t.Errorf("the empty text is %v", v)
	}
}

func BenchmarkParseNumber(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseNumber("+4915112345678"); err != nil {
			b.Fatal(err)
		}
	}
}
