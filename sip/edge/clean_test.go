package edge

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// Whatever byte stands wherever, eight at once are judged as one after the other.
func TestEightBytesAreJudgedAsEachIs(t *testing.T) {
	for c := range 256 {
		for at := range 24 {
			data := bytes.Repeat([]byte("~"), 24)
			data[at] = byte(c)
			if got, want := clean(data), cleanAt(data, at); got != want {
				t.Errorf("byte %#x at %d: clean is %t, want %t", c, at, got, want)
			}
		}
	}
}

func TestCleanIsEveryByteClean(t *testing.T) {
	letter := rapid.SampledFrom([]byte("az \r\n\t\x00\x1f\x7f\x80\xff"))
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(letter, 0, 40).Draw(t, "data")
		head, want := data, true
		if end := bytes.Index(data, []byte("\r\n\r\n")); end >= 0 {
			head = data[:end]
		}
		for i := range head {
			want = want && cleanAt(head, i)
		}
		if got := clean(data); got != want {
			t.Fatalf("%q: clean is %t, want %t", data, got, want)
		}
	})
}
