package main

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// sinks are where the system writes to and whom it sends to, and all that went there. A
// new one needs a line that adds to it: it is searched, and a number is planted in it,
// like in the others.
type sinks struct {
	mu   sync.Mutex
	text map[string]*bytes.Buffer
}

func newSinks() *sinks { return &sinks{text: make(map[string]*bytes.Buffer)} }

// add notes what went into a sink.
func (s *sinks) add(name string, parts ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.text[name]
	if b == nil {
		b = new(bytes.Buffer)
		s.text[name] = b
	}
	for _, p := range parts {
		b.Write(p)
	}
	b.WriteByte('\n')
}

// names are those of all sinks.
func (s *sinks) names() []string { return slices.Sorted(maps.Keys(s.text)) }

// expectSome expects that something went into each of the sinks: nothing leaks into
// one that is empty, which proves nothing.
func (s *sinks) expectSome(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if b := s.text[name]; b == nil || len(bytes.TrimSpace(b.Bytes())) == 0 {
			t.Errorf("nothing went into the sink %q", name)
		}
	}
}

// search searches a sink; what is sealed or encrypted, and looks like noise, less closely.
func search(sieve *siptest.Sieve, name string, text []byte) []siptest.Catch {
	if noisy(name) {
		return sieve.Search(text)
	}
	return sieve.SearchClosely(text)
}

// sealed ends the name of a sink for answers that are.
const sealed = ", sealed"

// noisy reports whether what goes into a sink is sealed or encrypted.
func noisy(name string) bool {
	return strings.HasSuffix(name, sealed) || strings.HasPrefix(name, "file var/") || strings.Contains(name, ".age ") || strings.HasPrefix(name, "sound")
}

// expectNone expects that none of the numbers is in any sink.
func (s *sinks) expectNone(t *testing.T, sieve *siptest.Sieve) {
	t.Helper()
	searched, begun := 0, time.Now()
	defer func() {
		t.Logf("%d sinks, %d kB, searched at %.0f MB/s", len(s.text), searched>>10, float64(searched)/1e6/time.Since(begun).Seconds())
	}()
	for _, name := range s.names() {
		searched += s.text[name].Len()
		for _, leak := range firstOf(search(sieve, name, s.text[name].Bytes())) {
			t.Errorf("%s: %s, near %q", name, leak, blurred(s.text[name].Bytes(), leak.Offset))
		}
	}
}

// firstOf leaves as many as a person reads.
func firstOf(caught []siptest.Catch) []siptest.Catch { return caught[:min(len(caught), 10)] }

// digitRuns are what is not to be read in the report of a leak.
var digitRuns = regexp.MustCompile(`[0-9][0-9 .-]{4,}`)

// blurred is what stands before a number, without longer runs of digits.
func blurred(data []byte, offset int) string {
	const around = 120
	near := data[max(0, offset-around):min(len(data), offset)]
	return digitRuns.ReplaceAllString(string(near), "(digits)")
}

// expectTripped plants a number into a copy of each sink, spelled in another way each
// time, and expects that the search names it, where it stands and how it is written.
func (s *sinks) expectTripped(t *testing.T, sieve *siptest.Sieve, numbers []string) {
	t.Helper()
	for n, name := range s.names() {
		t.Run("planted in "+name, func(t *testing.T) {
			ways := plantings(noisy(name))
			w, which := ways[n%len(ways)], (n*131+7)%len(numbers)
			text := s.text[name].Bytes()
			at := len(text) / 2
			planted := slices.Concat(text[max(0, at-4096):at], []byte(" "), w.write(numbers[which]), []byte("\n"), text[at:min(len(text), at+4096)])
			want := siptest.Catch{Number: which, Spelling: w.says}
			caught := search(sieve, name, planted)
			i := slices.IndexFunc(caught, func(c siptest.Catch) bool { return c.Number == want.Number && c.Spelling == want.Spelling })
			if i < 0 {
				t.Fatalf("number %d, written as %s, is not found", which, w.says)
			}
			found := caught[i]
			if begin := min(at, 4096); found.Offset < begin-60 || found.Offset > begin+40 {
				t.Errorf("%s, though it was planted at %d", found, begin)
			}
			if strings.Contains(fmt.Sprint(found, blurred(planted, found.Offset)), numbers[which][5:]) {
				t.Error("the search prints the number")
			}
		})
	}
}
