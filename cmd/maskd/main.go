// Command maskd is the daemon that masks phone numbers, and the tool that
// speaks to it.
//
// Start with app in this file: the verbs. serve.go runs the daemon, daemon.go
// puts it together; all other verbs speak to it over the admin socket.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	_ "time/tzdata" // schedules are kept on a machine without zones too

	"github.com/urfave/cli/v2"
)

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit code.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	err := app(in, out, errs).RunContext(context.Background(), args)
	if err != nil {
		fmt.Fprintln(errs, "maskd: "+hush(oneLine(err), args[1:]))
	}
	return exitCode(err)
}

func app(in io.Reader, out, errs io.Writer) *cli.App {
	return &cli.App{
		Name:        "maskd",
		Usage:       "mask phone numbers: two parties talk, neither sees the other's number",
		Description: exitCodes,
		Version:     version(),
		Reader:      in, Writer: out, ErrWriter: errs,
		EnableBashCompletion: true,
		// A comma in a label is a comma.
		DisableSliceFlagSeparator: true,
		OnUsageError:              onUsageError,
		Action:                    group,
		ExitErrHandler:            func(*cli.Context, error) {}, // run decides
		Commands: verbs(
			serveCommand(),
			demoCommand(),
			configCommand(),
			interactionCommand(),
			numberCommand(),
			poolCommand(),
			callCommand(),
			revealCommand(),
			trunkCommand(),
			reloadCommand(),
			drainCommand(),
			cdrCommand(),
			eventCommand(),
			webhookCommand(),
			topCommand(),
			auditCommand(),
			recordingCommand(),
			blockCommand(),
			subjectCommand(),
			storeCommand(),
		),
	}
}

// verbs gives what all commands share to each of them.
func verbs(commands ...*cli.Command) []*cli.Command {
	for _, c := range commands {
		c.OnUsageError, c.Before = onUsageError, needs(c.Flags)
		if len(c.Subcommands) > 0 {
			c.Action = group
			verbs(c.Subcommands...)
		}
	}
	return commands
}

// group answers a command line that stops before a verb, or names one that
// there is not.
func group(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("there is no command %q here: see %s --help", c.Args().First(), c.Command.HelpName)
	}
	return cli.ShowSubcommandHelp(c)
}

// version is that of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
