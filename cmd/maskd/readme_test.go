package main

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// commandLine is one of maskd as the README writes it: in a line of its own, or
// within a sentence.
var commandLine = regexp.MustCompile("(?m)(?:^    (?:.*[ |])?(?:\\./)?|`(?:\\./)?)maskd ([a-z][^`\n]*)")

func TestEveryCommandOfTheREADMEIsOne(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := commandLine.FindAllStringSubmatch(string(page), -1)
	if len(lines) < 80 {
		t.Fatalf("found %d command lines only", len(lines))
	}
	root := app(nil, io.Discard, io.Discard)
	for _, line := range lines {
		if word := unknownWord(root, strings.Fields(line[1])); word != "" {
			t.Errorf("maskd %s: there is no %s", line[1], word)
		}
	}
}

// The test above can find something.
func TestAWordThatIsNoneIsFound(t *testing.T) {
	root := app(nil, io.Discard, io.Discard)
	for line, want := range map[string]string{
		"creat": "creat", "interaction creat": "creat", "interaction create --patry a": "--patry", "call list --confirm": "--confirm",
		"interaction create --record off ID": "", "number activate | drain DID": "",
	} {
		if word := unknownWord(root, strings.Fields(line)); word != want {
			t.Errorf("%s: found %q, want %q", line, word, want)
		}
	}
}

// unknownWord returns the first word of a command line that names no command and no flag
// of one; empty if there is none.
func unknownWord(root *cli.App, words []string) string {
	commands, flags := root.Commands, root.Flags
	for len(commands) > 0 && len(words) > 0 {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(words[0]) })
		if i < 0 {
			return words[0]
		}
		flags, commands, words = commands[i].Flags, commands[i].Subcommands, words[1:]
	}
	for _, word := range words {
		name, long := strings.CutPrefix(word, "--")
		if long && !slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) }) {
			return word
		}
	}
	return ""
}
