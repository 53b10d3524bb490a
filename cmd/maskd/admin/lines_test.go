package admin

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// longest keeps the inputs short.
const longest = 32

// FuzzLines compares the lines that are read, in pieces as small as can be,
// with those of the whole text.
func FuzzLines(f *testing.F) {
	for _, text := range []string{"", "\n", "a", "a\nb", "a\r\n\n b \n", strings.Repeat("x", longest) + "\ny", strings.Repeat("x", longest+1) + "\ny\n", strings.Repeat("x", 3*longest)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		control := http.NewResponseController(httptest.NewRecorder())
		l := newLines(iotest.HalfReader(bytes.NewReader(text)), longest, control)
		whole := bytes.Split(text, []byte("\n"))
		for n, want := range whole {
			tooLong := len(want) >= longest
			if want = bytes.TrimSpace(want); len(want) == 0 && !tooLong {
				continue
			}
			if !l.next() {
				t.Fatalf("there is no line %d", n+1)
			}
			if l.number != n+1 || (l.problem != nil) != tooLong || !tooLong && !slices.Equal(l.text, want) {
				t.Fatalf("line %d: %d bytes, want line %d: %d; %v", l.number, len(l.text), n+1, len(want), l.problem)
			}
		}
		if l.next() {
			t.Fatalf("one line too many: %d", l.number)
		}
	})
}
