package maskd_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// nameOf returns the name of a rule's function.
func nameOf(r rule) string {
	full := runtime.FuncForPC(reflect.ValueOf(r).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}

// faults are files that each break one rule once, except those that want "".
var faults = []struct {
	rule       rule
	name, path string
	text       string
	want       string
}{
	{importsFollowTheHouse, "sip imports store", "sip/x.go", `import _ "maskd/store"`, "sip must not import store"},
	{importsFollowTheHouse, "a room imports cmd", "store/x.go", `import _ "maskd/cmd/maskd/admin"`, "must not import cmd/maskd/admin"},
	{importsFollowTheHouse, "a leg imports the domain", "sip/leg/x.go", `import _ "maskd/mapping"`, "sip/leg must not import mapping"},
	{importsFollowTheHouse, "media imports numbers", "media/x.go", `import _ "maskd/mapping"`, "media must not import mapping"},
	{importsFollowTheHouse, "siptest in the product", "sip/x.go", `import _ "maskd/sip/siptest"`, "must not import sip/siptest"},
	{importsFollowTheHouse, "siptest imports what it tests", "sip/siptest/x_test.go", `import _ "maskd/sip/edge"`, "must not import sip/edge"},
	{importsFollowTheHouse, "a test imports against the arrow", "mapping/x_test.go", `import _ "maskd/store"`, "must not import store"},
	{importsFollowTheHouse, "a room that nobody planned", "billing/x.go", ``, "billing is no room"},
	{importsFollowTheHouse, "an arrow of the house", "sip/x.go", `import _ "maskd/sip/leg"`, ""},
	{importsFollowTheHouse, "a test of a room by siptest", "sip/edge/x_test.go", `import (_ "maskd/sip/edge"; _ "maskd/sip/siptest")`, ""},
	{importsFollowTheHouse, "cmd wires all", "cmd/maskd/x.go", `import _ "maskd/store"`, ""},
	{importsFollowTheHouse, "the configuration opens a store", "cmd/maskd/config/x.go", `import _ "maskd/store"`, "must not import store"},
	{importsFollowTheHouse, "a test of the API with a phone", "cmd/maskd/admin/x_test.go", `import _ "maskd/sip/siptest"`, ""},
	{importsFollowTheHouse, "what a room's tests may", "sip/x.go", `import _ "maskd/sip/digest"`, "must not import sip/digest"},

	{mappingNeedsOnlyTheStandardLibrary, "a logger", "mapping/x.go", `import _ "go.uber.org/zap"`, "must not import go.uber.org/zap"},
	{mappingNeedsOnlyTheStandardLibrary, "a file", "mapping/x.go", `import _ "os"`, "must not import os"},
	{mappingNeedsOnlyTheStandardLibrary, "the standard library", "mapping/x.go", `import _ "encoding/base32"`, ""},

	{foreignStackStaysInItsRoom, "sipgo in the call machine", "sip/x.go", `import _ "github.com/emiago/sipgo/sip"`, "only sip/edge"},
	{foreignStackStaysInItsRoom, "bbolt in the API", "cmd/maskd/admin/x.go", `import _ "go.etcd.io/bbolt"`, "only store"},
	{foreignStackStaysInItsRoom, "DNS at the edge", "sip/edge/x.go", `import _ "github.com/miekg/dns"`, "only sip/resolve"},
	{foreignStackStaysInItsRoom, "sipgo at the edge", "sip/edge/x.go", `import _ "github.com/emiago/sipgo"`, ""},

	{pureRoomsHaveNoClock, "the domain reads the clock", "mapping/x.go", `import "time"; func f() { time.Now() }`, "time.Now in a pure room"},
	{pureRoomsHaveNoClock, "by another name", "sip/leg/x.go", `import clock "time"; var f = clock.NewTimer`, "time.NewTimer"},
	{pureRoomsHaveNoClock, "a nonce's age", "sip/digest/x.go", `import "time"; func f() { time.Now() }`, "time.Now in a pure room"},
	{pureRoomsHaveNoClock, "a pure file of another room", "sip/resolve/memo.go", `import "time"; var f = time.Now`, "time.Now"},
	{pureRoomsHaveNoClock, "a duration", "mapping/x.go", `import "time"; const d = time.Second`, ""},

	{numbersAreRevealedInListedFiles, "a call", "sip/call.go", `func f(n N) { n.Reveal() }`, "not on the list"},
	{numbersAreRevealedInListedFiles, "a method value", "cmd/maskd/x.go", `func f(n N) func() string { return n.Reveal }`, "not on the list"},
	{numbersAreRevealedInListedFiles, "at the end of a text", "sip/call.go", `func f(n N) { n.RevealTo(nil) }`, "not on the list"},
	{numbersAreRevealedInListedFiles, "behind the veil", "mapping/route.go", `func f(n N) { n.digits.text() }`, "outside of its file"},
	{numbersAreRevealedInListedFiles, "on the list", "store/number.go", `func f(n N) { n.Reveal() }`, ""},

	{nothingBelowMainExitsPrintsOrPanics, "exit", "store/x.go", `import "os"; func f() { os.Exit(1) }`, "Exit below main"},
	{nothingBelowMainExitsPrintsOrPanics, "exit by another name", "store/x.go", `import sys "os"; func f() { sys.Exit(1) }`, "Exit below main"},
	{nothingBelowMainExitsPrintsOrPanics, "print", "cmd/maskd/admin/x.go", `import "fmt"; func f() { fmt.Println() }`, "Println below main"},
	{nothingBelowMainExitsPrintsOrPanics, "log", "sip/x.go", `import "log"; func f() { log.Printf("") }`, "Printf below main"},
	{nothingBelowMainExitsPrintsOrPanics, "panic", "media/x.go", `func f() { panic(1) }`, "panic below main"},
	{nothingBelowMainExitsPrintsOrPanics, "a package that only claims to be main", "sip/x.go", `func f() { println() }`, "println below main"},
	{nothingBelowMainExitsPrintsOrPanics, "a logger named log", "sip/x.go", `func f(log *L) { log.Info("") }`, ""},
	{nothingBelowMainExitsPrintsOrPanics, "a writer", "cmd/maskd/admin/x.go", `import "fmt"; func f(w W) { fmt.Fprintln(w) }`, ""},

	{noTestIsSkipped, "skip", "sip/x_test.go", `func TestX(t *testing.T) { t.Skip() }`, "Skip:"},
	{noTestIsSkipped, "skip by a field", "sip/x_test.go", `func f(w *W) { w.t.Skipf("") }`, "Skipf:"},
	{noTestIsSkipped, "skip a fuzz input", "sip/x_test.go", `func FuzzX(f *testing.F) { f.SkipNow() }`, "SkipNow:"},
	{noTestIsSkipped, "short", "sip/x_test.go", `import "testing"; func f() bool { return testing.Short() }`, "Short:"},
	{noTestIsSkipped, "an empty log field", "sip/x_test.go", `import "go.uber.org/zap"; var f = zap.Skip()`, ""},

	{nothingInitialisesItself, "init", "sip/x.go", `func init() {}`, "init hides"},
	{nothingInitialisesItself, "a method", "sip/x.go", `func (c *C) init() {}`, ""},

	{packageVariablesNeverChange, "a counter", "sip/x.go", `var calls int`, "calls may change"},
	{packageVariablesNeverChange, "a map", "sip/x.go", `var live = map[string]int{}`, "live may change"},
	{packageVariablesNeverChange, "the second of two", "sip/x.go", `import "errors"; var err, n = errors.New(""), 1`, "n may change"},
	{packageVariablesNeverChange, "a sentinel", "sip/x.go", `import "errors"; var ErrX = errors.New("x")`, ""},
	{packageVariablesNeverChange, "an encoding", "sip/x.go", `var e = base32.NewEncoding("").WithPadding(0)`, ""},
	{packageVariablesNeverChange, "an interface guard", "sip/x.go", `var _ I = (*T)(nil)`, ""},

	{fileNamesAreNouns, "a helper", "sip/call_helper.go", ``, "not helper"},
	{fileNamesAreNouns, "utilities of a test", "sip/util_test.go", ``, "not util"},
	{fileNamesAreNouns, "a folder", "sip/common/x.go", ``, "not common"},
	{fileNamesAreNouns, "a noun", "sip/call.go", ``, ""},

	{commentsLeaveNothingUndone, "a note to oneself", "sip/x.go", "// TO" + "DO: later", "do it"},
	{commentsLeaveNothingUndone, "a silenced check", "sip/x.go", "var _ = 1 //no" + "lint:all", "do it"},
	{commentsLeaveNothingUndone, "a word in a text", "sip/x.go", `const s = "TODO"`, ""},

	{filesAreShort, "a long file", "sip/x.go", strings.Repeat("\n", 400), "more than 400"},
	{filesAreShort, "a long test", "sip/x_test.go", strings.Repeat("\n", 400), ""},

	{functionsAreShort, "a long function", "sip/x.go", "func f() {" + strings.Repeat("\n", 70) + "}", "f has 71 lines"},
	{functionsAreShort, "a long test", "sip/x_test.go", "func f() {" + strings.Repeat("\n", 70) + "}", ""},
	{functionsAreShort, "a long enough one", "sip/x.go", "func f() {" + strings.Repeat("\n", 69) + "}", ""},

	{exportedNamesAreDocumented, "a function", "sip/x.go", `func F() {}`, "F has no comment"},
	{exportedNamesAreDocumented, "a type", "sip/x.go", `type T int`, "T has no comment"},
	{exportedNamesAreDocumented, "a constant", "sip/x.go", `const C = 1`, "C has no comment"},
	{exportedNamesAreDocumented, "a method", "sip/x.go", `func (t *T) M() {}`, "M has no comment"},
	{exportedNamesAreDocumented, "a group", "sip/x.go", "// The causes.\nconst (\n\tA = 1\n\tB = 2\n)", ""},
	{exportedNamesAreDocumented, "a trailing comment", "sip/x.go", "const C = 1 // of all", ""},
	{exportedNamesAreDocumented, "a method of an unexported type", "sip/x.go", `func (t t) M() {}`, ""},
}

func TestEachRuleFindsItsPlantedFault(t *testing.T) {
	found := make(map[string]bool)
	for _, tt := range faults {
		t.Run(nameOf(tt.rule)+"/"+tt.name, func(t *testing.T) {
			s, err := parse(tt.path, "package x\n"+tt.text+"\n")
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(tt.rule(s), "\n")
			switch {
			case tt.want == "" && got != "":
				t.Errorf("reports %q, but the rule is kept", got)
			case strings.Count(got, "\n") > 0 || !strings.Contains(got, tt.want):
				t.Errorf("reports %q, want one report of %q", got, tt.want)
			}
		})
		found[nameOf(tt.rule)] = found[nameOf(tt.rule)] || tt.want != ""
	}
	for _, r := range rules {
		if !found[nameOf(r)] {
			t.Errorf("no fault is planted for %s", nameOf(r))
		}
	}
}

// A main package may end the process and print; the same text elsewhere may not.
func TestOnlyCommandsAreMain(t *testing.T) {
	const text = "package main\nimport \"os\"\nfunc main() { os.Exit(1) }\n"
	for where, want := range map[string]int{"cmd/maskd/main.go": 0, "sip/main.go": 1} {
		s, err := parse(where, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := nothingBelowMainExitsPrintsOrPanics(s); len(got) != want {
			t.Errorf("%s: %q, want %d reports", where, got, want)
		}
	}
}
