package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func reasonFlag() cli.Flag {
	return &cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`, for the audit log: 10 to 500 bytes", Required: true}
}

func eraseInteractionCommand() *cli.Command {
	return &cli.Command{
		Name: "erase", Usage: "end one and its calls, and forget it for good", ArgsUsage: "ID",
		Description: "Its parties' numbers, the details of its calls and its recordings are gone from the store, from every\n" +
			"backup of it and from every copy of the recordings, as soon as no copy of the file of keys is kept.",
		Flags: clientFlags(reasonFlag()),
		Action: func(c *cli.Context) error {
			done, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Erased, error) {
				return daemon.Erase(ctx, id, admin.Why{Reason: c.String("reason")})
			})
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, done)
			}
			return printFields(c.App.Writer, [][]string{{"id", done.ID}, {"erased", clock(done.ErasedAt)}, {"calls ended", strconv.Itoa(done.CallsEnded)}})
		},
	}
}

func holdCommand(name, usage string) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "ID", Flags: clientFlags(reasonFlag()),
		Action: func(c *cli.Context) error {
			i, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Interaction, error) {
				return daemon.Hold(ctx, id, name, admin.Why{Reason: c.String("reason")})
			})
			if err != nil {
				return err
			}
			return printInteraction(c, i)
		},
	}
}

func subjectCommand() *cli.Command {
	const reading = "The number is read from a file or from standard input, never from an argument: other users can\nread a process list. Write number=+15550100007.\n\n" + pleading
	const erasing = "Its calls to interactions of others are erased too, and who was the last caller by them is forgotten.\nNot erased is what is under a legal hold. Blocks stay: without them it could be called.\n" + reading
	return &cli.Command{
		Name:  "subject",
		Usage: "find, hand over or erase all that there is of a person",
		Subcommands: []*cli.Command{
			{Name: "find", Usage: "list it", Description: reading, Flags: clientFlags(append(pleaFlags(), fromFlag())...), Action: tracing((*admin.Client).FindSubject)},
			{Name: "export", Usage: "print it, for the person; always JSON", Description: reading, Flags: clientFlags(append(pleaFlags(), fromFlag())...), Action: exportSubject},
			{Name: "erase", Usage: "erase it, but what is under a legal hold", Description: erasing, Flags: clientFlags(append(pleaFlags(), fromFlag())...), Action: tracing((*admin.Client).EraseSubject)},
		},
	}
}

// person reads who it is about.
func person(c *cli.Context) (p admin.Person, err error) {
	if err := noNumberArguments(c); err != nil {
		return p, err
	}
	p.Asked = pleaOf(c)
	err = readNumbers(c, "number=+...", &p, func(name string, n admin.PlainNumber) bool {
		p.Number = n
		return name == "number"
	})
	return p, err
}

func tracing(ask func(*admin.Client, context.Context, admin.Person) (admin.Traces, error)) cli.ActionFunc {
	return func(c *cli.Context) error {
		p, err := person(c)
		if err != nil {
			return err
		}
		daemon, err := client(c)
		if err != nil {
			return err
		}
		found, err := ask(daemon, c.Context, p)
		if err != nil {
			return orPetition(c, err)
		}
		if c.Bool("json") {
			return printJSON(c.App.Writer, found)
		}
		return printFields(c.App.Writer, [][]string{
			{"ref", found.Ref}, {"interactions", strings.Join(found.Interactions, " ")}, {"calls", strings.Join(found.Calls, " ")},
			{"recordings", strings.Join(found.Recordings, " ")}, {"held", strings.Join(found.Held, " ")},
			{"others", strings.Join(found.Others, " ")}, {"blocks", strings.Join(found.Blocks, " ")},
		})
	}
}

func exportSubject(c *cli.Context) error {
	p, err := person(c)
	if err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	d, err := daemon.ExportSubject(c.Context, p)
	if err != nil {
		return orPetition(c, err)
	}
	return printJSON(c.App.Writer, d)
}
