package main

import "github.com/urfave/cli/v2"

// needs takes over from the library to refuse a command line without a flag that its verb
// requires: the library would print help to where the answer is expected, maybe into a file
// of records, and return an error that nothing tells from others.
func needs(flags []cli.Flag) cli.BeforeFunc {
	var required []string
	for _, flag := range flags {
		if f, can := flag.(cli.RequiredFlag); can && f.IsRequired() {
			required = append(required, flag.Names()[0])
			relax(flag)
		}
	}
	return func(c *cli.Context) error {
		for _, name := range required {
			if !c.IsSet(name) {
				return usagef("%s needs --%s: see %s --help", c.Command.HelpName, name, c.Command.HelpName)
			}
		}
		return nil
	}
}

// relax has the library pass over a flag that is left out.
func relax(flag cli.Flag) {
	switch f := flag.(type) {
	case *cli.StringFlag:
		f.Required = false
	case *cli.PathFlag:
		f.Required = false
	}
}
