package main

import (
	"io"
	"testing"

	"github.com/urfave/cli/v2"
)

// No flag is left for the library to require, whatever its type.
func TestNoVerbLeavesWhatItNeedsToTheLibrary(t *testing.T) {
	var look func(path string, commands []*cli.Command)
	look = func(path string, commands []*cli.Command) {
		for _, c := range commands {
			for _, flag := range c.Flags {
				if f, can := flag.(cli.RequiredFlag); can && f.IsRequired() {
					t.Errorf("%s %s: the library requires --%s", path, c.Name, flag.Names()[0])
				}
			}
			look(path+" "+c.Name, c.Subcommands)
		}
	}
	look("maskd", app(nil, io.Discard, io.Discard).Commands)
}
