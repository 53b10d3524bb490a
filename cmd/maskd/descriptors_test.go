package main

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// room is how many descriptors the kernel has room for, by what it says of this process.
func room(t *testing.T) (n int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(regexp.MustCompile(`FDSize:\s*\d+`).Find(status)), "FDSize: %d", &n); err != nil {
		t.Fatalf("%v in:\n%s", err, status)
	}
	return n
}

// No call waits until the kernel has made room for one more descriptor.
func TestThereIsRoomForTheDescriptorsOfAllCalls(t *testing.T) {
	want := 2*room(t) + 1
	makeRoomFor(want)
	if n := room(t); n < want {
		t.Errorf("there is room for %d, not for %d", n, want)
	}
}
