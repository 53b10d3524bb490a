package media

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*.answer.sdp anew")

func TestAnswerToEachOffer(t *testing.T) {
	offers, err := filepath.Glob("testdata/*.offer.sdp")
	if err != nil || len(offers) == 0 {
		t.Fatalf("%d offers, %v", len(offers), err)
	}
	for _, name := range offers {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".offer.sdp"), func(t *testing.T) {
			offer, err := os.ReadFile(name)
			must(t, err)
			s, _ := muted(t)
			must(t, s.Receive(A, offer))
			answer, err := s.Answer(A)
			must(t, err)
			golden(t, strings.Replace(name, ".offer.", ".answer.", 1), answer)
		})
	}
}

func TestOurOffer(t *testing.T) {
	s, _ := muted(t)
	golden(t, "testdata/ours.sdp", s.Offer(B))
}

// golden compares with a file, in which lines end as everywhere else in the tree.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	text := strings.ReplaceAll(string(got), "\r\n", "\n")
	if strings.Count(text, "\n") != strings.Count(string(got), "\r\n") || strings.Contains(text, "\r") {
		t.Errorf("lines do not end in CR LF: %q", got)
	}
	if *update {
		must(t, os.WriteFile(name, []byte(text), 0o644))
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}
