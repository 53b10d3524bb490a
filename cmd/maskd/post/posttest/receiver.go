// Package posttest runs the receivers that the README shows, for tests: code that is
// none of ours checks our signatures.
package posttest

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Receiver runs the Python program of a README that begins with the given line, with a
// key, until the test ends. It returns where it listens, and what it says line by line.
func Receiver(t *testing.T, readme, first, key string) (url string, says *bufio.Scanner) {
	t.Helper()
	port := freePort(t)
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := new(bytes.Buffer)
	python := exec.Command("python3", "-c", program(t, readme, first), keyFile, fmt.Sprint(port))
	python.Stderr = said
	reads, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	python.Stdout = out
	err = python.Start()
	_ = out.Close() // it has its own
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = python.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = python.Process.Kill()
		<-ended
		_ = reads.Close()
		if t.Failed() {
			t.Logf("the receiver said\n%s", said)
		}
	})
	addr := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	for {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return "http://" + addr, bufio.NewScanner(reads)
		}
		select {
		case <-ended:
			t.Fatalf("the receiver ended: %s", said)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// program returns the one that a README shows, indented, and ended by an empty line.
func program(t *testing.T, readme, first string) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "    "+first+"\n")
	rest, _, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatalf("the README shows no receiver that begins with %q", first)
	}
	return strings.ReplaceAll(first+"\n"+rest, "\n    ", "\n")
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
