package mapping_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"maskd/mapping"
)

const (
	secret       = "+4915112345678"
	secretDigits = "4915112345678"
	secretPIN    = "730519846255"
)

// leaky is the type that Number is not: a string with a masking String method.
// The harness must find that it leaks, or it finds nothing.
type leaky string

func (leaky) String() string { return "+*******78" }

func TestNumberCanNotBePrinted(t *testing.T) {
	ways, leaks := leaksOf(number(t, secret))
	for _, way := range leaks {
		t.Errorf("leaks by %s", way)
	}
	t.Logf("%d of %d ways to print a Number leak it", len(leaks), ways)
	if ways < 98 {
		t.Errorf("only %d ways were tried", ways)
	}
}

func TestPINCanNotBePrinted(t *testing.T) {
	_, leaks := leaksOf(pin(t, secretPIN))
	for _, way := range leaks {
		t.Errorf("leaks by %s", way)
	}
	if _, leaks := leaksOf(leaky(secretPIN)); len(leaks) == 0 {
		t.Error("no leak of a string is found: the harness is blind")
	}
}

func TestPrintingHarnessFindsALeakyType(t *testing.T) {
	ways, leaks := leaksOf(leaky(secret))
	t.Logf("%d of %d ways to print a string with a String method leak it", len(leaks), ways)
	if len(leaks) < ways/4 {
		t.Errorf("only %d of %d leaks were found: the harness is blind", len(leaks), ways)
	}
}

// leaksOf prints the value in every shape by every printer, and names the ways
// that show the secret.
func leaksOf[T comparable](v T) (ways int, leaks []string) {
	for _, shape := range shapes(v) {
		for _, p := range printers {
			ways++
			if shows(p.print(shape.value)) {
				leaks = append(leaks, p.name+" of "+shape.name)
			}
		}
	}
	return ways, leaks
}

// noise is what printers put between the bytes of a text.
var noise = strings.NewReplacer(" ", "", ",", "", "0x", "", "\n", "", "'", "")

// shows reports whether the text holds a secret: in clear, or as an encoder or a
// byte-wise verb writes it.
func shows(text string) bool {
	flat := noise.Replace(strings.ToLower(text))
	for _, digits := range []string{
		secretDigits, secretPIN, secretPIN[:mapping.MaxExtension],
		hex.EncodeToString([]byte(secretDigits)), hex.EncodeToString([]byte(secretPIN)),
		bytewise(secretDigits), bytewise(secretPIN), bytewise(secretPIN[:mapping.MaxExtension]),
		strings.ToLower(base64.RawStdEncoding.EncodeToString([]byte(secret))),
		strings.ToLower(base64.RawStdEncoding.EncodeToString([]byte(secretPIN))),
	} {
		if strings.Contains(flat, digits) {
			return true
		}
	}
	return false
}

// bytewise is the text as a verb writes its bytes.
func bytewise(text string) string {
	list := fmt.Sprint([]byte(text))
	return noise.Replace(list[1 : len(list)-1])
}

// panics are the ways a number can be the value of a panic that nobody
// recovers: the runtime prints those itself.
var panics = map[string]func(n mapping.Number){
	"number":           func(n mapping.Number) { panic(n) },
	"pointer":          func(n mapping.Number) { panic(&n) },
	"struct":           func(n mapping.Number) { panic(struct{ number mapping.Number }{n}) },
	"slice":            func(n mapping.Number) { panic([]mapping.Number{n}) },
	"error":            func(n mapping.Number) { panic(fmt.Errorf("dial %v", n)) },
	"error of numbers": func(n mapping.Number) { panic(failure[mapping.Number]{n}) },
	"leaky in clear":   func(n mapping.Number) { panic(n.Reveal()) },
}

const panicEnv = "MASKD_TEST_PANIC"

// TestPanicTextMasksNumbers runs this test once more for each kind of panic, as
// a process of its own, and reads what the runtime printed.
func TestPanicTextMasksNumbers(t *testing.T) {
	if kind := os.Getenv(panicEnv); kind != "" {
		panics[kind](number(t, secret))
	}
	for kind := range panics {
		t.Run(kind, func(t *testing.T) {
			again := exec.Command(os.Args[0], "-test.run=^TestPanicTextMasksNumbers$")
			again.Env = append(os.Environ(), panicEnv+"="+kind, "GOTRACEBACK=all")
			out, err := again.CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) || !bytes.Contains(out, []byte("panic:")) {
				t.Fatalf("no panic: %v\n%s", err, out)
			}
			if leak, want := shows(string(out)), kind == "leaky in clear"; leak != want {
				t.Errorf("shows the number: %t, want %t\n%s", leak, want, out)
			}
		})
	}
}

var masked = regexp.MustCompile(`\+\*{7}78`)

// Masked is not absent: who reads a log needs the reference.
func TestCommonPrintersWriteTheMask(t *testing.T) {
	n := number(t, secret)
	for _, p := range printers {
		if !p.masks {
			continue
		}
		if text := p.print(n); !masked.MatchString(text) {
			t.Errorf("%s wrote %q, want the masked form", p.name, text)
		}
	}
}
