package sip

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden ladders anew")

const ladders = "../testdata/ladders"

// ladder is a script, and what must cross the wire when it is played: the file
// of its name, which ends with how the call went.
type ladder struct {
	name   string
	cast   cast // the usual one, if empty
	script func(*world)
}

// play plays the scripts and compares.
func play(t *testing.T, scenes []ladder) {
	for _, scene := range scenes {
		t.Run(strings.ReplaceAll(scene.name, "_", " "), func(t *testing.T) {
			c := scene.cast
			if c.rider.addr == "" {
				c = usual
			}
			var got string
			inWorld(t, c, func(w *world) {
				scene.script(w)
				w.settle()
				got = w.ladder() + w.journal.print()
			})
			compare(t, filepath.Join(ladders, scene.name+".txt"), got)
		})
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(ladders, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("there is no %s: look at what -update writes", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
