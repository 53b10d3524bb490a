package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// localeFlags say in which language each party is spoken to.
func localeFlags() (flags []cli.Flag) {
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		flags = append(flags, &cli.StringFlag{
			Name: "locale-" + side.String(), Usage: "speak to " + strings.ToUpper(side.String()) + " in `LOCALE`, such as hi-IN; empty: as to everybody",
		})
	}
	return flags
}

// overrideLocales puts what the flags say in place of what was read.
func overrideLocales(d *admin.Draft, c *cli.Context) {
	for flag, party := range map[string]*admin.DraftParty{"locale-a": &d.Parties.A, "locale-b": &d.Parties.B} {
		if c.IsSet(flag) {
			party.Locale = c.String(flag)
		}
	}
}

// reviseLocales takes from the flags what is to be changed.
func reviseLocales(r *admin.Revision, c *cli.Context) {
	for flag, party := range map[string]*admin.RevisedParty{"locale-a": &r.Parties.A, "locale-b": &r.Parties.B} {
		if c.IsSet(flag) {
			locale := c.String(flag)
			party.Locale = &locale
		}
	}
}
