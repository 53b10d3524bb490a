package main

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/urfave/cli/v2"
)

// commandLine is one of maskd as the README writes it: in a line of its own, or
// within a sentence.
var commandLine = regexp.MustCompile("(?m)(?:^    (?:.*[ |])?(?:\\./(?:cmd/)?)?|`(?:\\./)?)maskd ([a-z][^`\n]*)")

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

func TestEveryCommandIsInTheREADME(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := commandLine.FindAllStringSubmatch(string(page), -1)
	for _, path := range paths(app(nil, io.Discard, io.Discard).Commands) {
		named := func(line []string) bool {
			words := strings.FieldsFunc(line[1], func(r rune) bool { return r != '-' && !unicode.IsLetter(r) })
			return !slices.ContainsFunc(path, func(word string) bool { return !slices.Contains(words, word) })
		}
		if !slices.ContainsFunc(lines, named) {
			t.Errorf("maskd %s is not there", strings.Join(path, " "))
		}
	}
}

// paths are the words of each command that does something.
func paths(commands []*cli.Command) (all [][]string) {
	for _, c := range commands {
		if len(c.Subcommands) == 0 {
			all = append(all, []string{c.Name})
		}
		for _, below := range paths(c.Subcommands) {
			all = append(all, append([]string{c.Name}, below...))
		}
	}
	return all
}

// The tests above can find something.
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
