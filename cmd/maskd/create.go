package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func createInteractionCommand() *cli.Command {
	return &cli.Command{
		Name:  "create",
		Usage: "create one",
		Description: "The numbers are read from a file or from standard input, never from an argument: other\n" +
			"users can read a process list. Write a line for each number,\n\n" +
			"  a=+15550100007\n  b=+919876543210\n\n" +
			"a PIN as a.pin=... or b.pin=..., an extension as a.extension=..., who is rung if nobody else answers\n" +
			"as a.fallback=+... or b.fallback=+..., or the JSON of the API. A flag wins over what is read.\n\n" +
			"A batch has a line for each: {\"create\": {...}}, as the API has it, or {\"complete\": {\"id\": \"int_...\"}}.\n" +
			"With --json each is answered with a line; else those that were not done are told.",
		Action: createInteraction,
		Flags: clientFlags(slices.Concat(lifeFlags(), limitFlags(), hoursFlags(), huntFlags(), localeFlags(), []cli.Flag{
			fromFlag(),
			hookFlag("ask the decision hook about each call"),
			&cli.PathFlag{Name: "batch", Usage: "carry out the lines of `FILE`, or of standard input (-)"},
			&cli.StringFlag{Name: "external-id", Usage: "your own `NAME` for it; creating it again changes nothing"},
			&cli.StringFlag{Name: "pool", Usage: "take the DIDs from pool `NAME`"},
			&cli.StringFlag{Name: "mode", Usage: "connect as `MODE` says: pair, open (anybody who calls reaches A) or extension (whoever keys one in does)", DefaultText: mapping.ModePair.String()},
			&cli.StringFlag{Name: "callback-to", Usage: "in these two, A calls back `WHOM`: last_caller, fallback (read as callback=+...) or refuse", DefaultText: mapping.CallbackLastCaller.String()},
			&cli.StringFlag{Name: "withheld", Usage: "in mode open, do with callers who hide their numbers as `RULE` says: connect or refuse", DefaultText: mapping.WithheldConnect.String()},
			&cli.StringFlag{Name: "numbering", Usage: "give DIDs by `RULE`: per_party or shared", DefaultText: mapping.NumberingPerParty.String()},
			&cli.StringFlag{Name: "sticky", Usage: "do as `RULE` says with the DIDs that the two had last: off, prefer, avoid or pin"},
			&cli.StringSliceFlag{Name: "prefer-a", Usage: "give A a DID that begins with `PREFIX`, is it, or is local; may be repeated"},
			&cli.StringSliceFlag{Name: "prefer-b", Usage: "the same for B: a `PREFIX`, a DID or local"},
			&cli.BoolFlag{Name: "strict", Usage: "give no other DIDs than those preferred"},
			&cli.StringFlag{Name: "direction", Usage: "let call `WHO`: both, a_to_b or b_to_a", DefaultText: mapping.DirectionBoth.String()},
			&cli.StringFlag{Name: "record", Usage: "record its calls as `WAY` says: off, agreed, announce, opt_in or opt_out"},
			&cli.StringFlag{Name: "pin", Usage: "`generate` a PIN for each party, shown this once; PINs of your own are read with the parties"},
			&cli.StringSliceFlag{Name: "label", Usage: "give it a label `KEY=VALUE`; may be repeated"},
		})...),
	}
}

func createInteraction(c *cli.Context) error {
	if err := noNumberArguments(c); err != nil {
		return err
	}
	if path := c.Path("batch"); path != "" {
		return batch(c, path)
	}
	draft, err := draftFrom(c)
	if err != nil {
		return err
	}
	if err := override(&draft, c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	i, err := daemon.Create(c.Context, draft)
	if err != nil {
		return err
	}
	return printInteraction(c, i)
}

func draftFrom(c *cli.Context) (draft admin.Draft, err error) {
	err = readNumbers(c, "a=+... or b=+...", &draft, func(side string, n admin.PlainNumber) bool {
		switch side {
		case "a":
			draft.Parties.A.Numbers = append(draft.Parties.A.Numbers, n)
		case "b":
			draft.Parties.B.Numbers = append(draft.Parties.B.Numbers, n)
		case "a.fallback":
			draft.Parties.A.Fallback = n
		case "b.fallback":
			draft.Parties.B.Fallback = n
		case "a.pin":
			draft.Parties.A.PIN = admin.PlainPIN(n)
		case "b.pin":
			draft.Parties.B.PIN = admin.PlainPIN(n)
		case "a.extension":
			draft.Parties.A.Extension = admin.PlainExtension(n)
		case "callback":
			draft.CallbackNumber = n
		default:
			return false
		}
		return true
	})
	return draft, err
}

// wish puts what the flags say of a party's DID in place of what was read.
func wish(p *admin.DraftParty, c *cli.Context, flag string) {
	if !c.IsSet(flag) {
		return
	}
	p.Prefer, p.Strict = nil, c.Bool("strict")
	for _, text := range c.StringSlice(flag) {
		p.Prefer = append(p.Prefer, mapping.Preference(text))
	}
}

// overridePINs asks for PINs that are drawn. One that is given is read with the
// parties: other users can read a process list.
func overridePINs(d *admin.Draft, c *cli.Context) error {
	switch admin.PlainPIN(c.String("pin")) {
	case "":
	case admin.DrawPIN:
		d.Parties.A.PIN, d.Parties.B.PIN = admin.DrawPIN, admin.DrawPIN
	default:
		return usagef("--pin: expected generate; a PIN of your own is read with the parties, because other users can read a process list")
	}
	return nil
}

// override puts what the flags say in place of what was read.
func override(d *admin.Draft, c *cli.Context) error {
	for flag, field := range map[string]*string{
		"external-id": &d.ExternalID, "mode": &d.Mode, "callback-to": &d.Callback, "withheld": &d.Withheld, "pool": &d.Pool,
		"numbering": &d.Numbering, "sticky": &d.Sticky, "direction": &d.Direction, "record": &d.Record,
	} {
		if c.IsSet(flag) {
			*field = c.String(flag)
		}
	}
	overrideLife(d, c)
	overrideHunt(&d.Parties.A, c, mapping.SideA)
	overrideHunt(&d.Parties.B, c, mapping.SideB)
	overrideLocales(d, c)
	overridePartyLimits(&d.Parties.A.PartyLimits, c, mapping.SideA)
	overridePartyLimits(&d.Parties.B.PartyLimits, c, mapping.SideB)
	if err := overrideLimits(&d.Limits, c); err != nil {
		return err
	}
	wish(&d.Parties.A, c, "prefer-a")
	wish(&d.Parties.B, c, "prefer-b")
	if err := overrideHours(d, c); err != nil {
		return err
	}
	if err := overridePINs(d, c); err != nil {
		return err
	}
	labels := make(map[string]string)
	for _, label := range c.StringSlice("label") {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return usagef("--label: expected KEY=VALUE")
		}
		labels[key] = value
	}
	if d.Labels == nil {
		d.Labels = labels
		return nil
	}
	maps.Copy(d.Labels, labels)
	return nil
}
