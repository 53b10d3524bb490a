package main

import (
	"io"
	"strings"
	"testing"
)

// The demo checks what it shows, so playing it is a test of the whole.
func TestDemoShowsWhatItSays(t *testing.T) {
	var out, errs strings.Builder
	if code := run([]string{"maskd", "demo"}, strings.NewReader(""), &out, io.MultiWriter(&errs, &out)); code != exitOK {
		t.Fatalf("exit %d: %s\n%s", code, errs.String(), out.String())
	}
}
