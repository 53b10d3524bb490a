package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// always is what is said of a party without hours.
const always = "always"

// hoursFlags say when parties may be reached. What they can't say is read with
// the parties.
func hoursFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "hours-a", Usage: "let A be reached only in `HOURS`, such as \"mon-fri 09:00-17:30\" or 22:00-06:00, or always; may be repeated"},
		&cli.StringSliceFlag{Name: "hours-b", Usage: "the same for B"},
		&cli.StringFlag{Name: "otherwise-a", Usage: "do at another time as `RULE` says with calls to A: refuse, announce, or fallback: ring a.fallback", DefaultText: mapping.OtherwiseRefuse.String()},
		&cli.StringFlag{Name: "otherwise-b", Usage: "the same for B", DefaultText: mapping.OtherwiseRefuse.String()},
		&cli.StringFlag{Name: "zone", Usage: "let hours be those of time zone `NAME`, such as Europe/Berlin"},
		&cli.StringSliceFlag{Name: "holiday", Usage: "let no hours begin on `DAY`, such as 2026-12-25, or the days that the configuration lists under that name; may be repeated"},
	}
}

// hookFlag is that of what the decision hook may be asked about.
func hookFlag(usage string) cli.Flag { return &cli.BoolFlag{Name: "hook", Usage: usage} }

// overrideHours puts what the flags say in place of what was read.
func overrideHours(d *admin.Draft, c *cli.Context) error {
	d.Hook = d.Hook || c.Bool("hook")
	change, err := hoursFrom(c)
	if err != nil {
		return err
	}
	if h := change.Parties.A; h != nil {
		d.Parties.A.Schedule = h.Schedule
	}
	if h := change.Parties.B; h != nil {
		d.Parties.B.Schedule = h.Schedule
	}
	return nil
}

// hoursFrom reads what the flags say of both parties.
func hoursFrom(c *cli.Context) (change admin.HoursChange, err error) {
	if change.Parties.A, err = hoursOf(c, mapping.SideA); err != nil {
		return change, err
	}
	if change.Parties.B, err = hoursOf(c, mapping.SideB); err != nil {
		return change, err
	}
	if (c.IsSet("zone") || c.IsSet("holiday")) && change.Parties == (admin.PartiesHours{}) {
		return change, usagef("--zone and --holiday belong to --hours-a or --hours-b")
	}
	return change, nil
}

// hoursOf reads what the flags say of a party; nil for nothing.
func hoursOf(c *cli.Context, of mapping.Side) (*admin.Hours, error) {
	flag, otherwise := "hours-"+of.String(), "otherwise-"+of.String()
	texts := c.StringSlice(flag)
	switch {
	case len(texts) == 0 && c.IsSet(otherwise):
		return nil, usagef("--%s belongs to --%s", otherwise, flag)
	case len(texts) == 0:
		return nil, nil
	case len(texts) == 1 && texts[0] == always:
		return &admin.Hours{}, nil
	}
	s := &admin.Schedule{Zone: c.String("zone"), Holidays: c.StringSlice("holiday"), Otherwise: c.String(otherwise)}
	for _, text := range texts {
		w, ok := parseHours(text)
		if !ok {
			return nil, usagef("--%s: expected hours such as \"mon-fri 09:00-17:30\" or 22:00-06:00, or always", flag)
		}
		s.Windows = append(s.Windows, w)
	}
	return &admin.Hours{Schedule: s}, nil
}

func hoursCommand() *cli.Command {
	return &cli.Command{
		Name: "hours", Usage: "change when the parties of one may be reached", ArgsUsage: "ID",
		Flags: clientFlags(hoursFlags()...),
		Action: func(c *cli.Context) error {
			change, err := hoursFrom(c)
			if err != nil {
				return err
			}
			i, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Interaction, error) {
				return daemon.SetHours(ctx, id, change)
			})
			if err != nil {
				return err
			}
			return printInteraction(c, i)
		},
	}
}

// parseHours reads "DAYS FROM-TO"; days are one, several with commas, or a range.
func parseHours(text string) (w admin.Window, ok bool) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 2 {
		return w, false
	}
	w.From, w.To, ok = strings.Cut(words[len(words)-1], "-")
	if !ok || len(words) == 1 {
		return w, ok
	}
	for _, days := range strings.Split(words[0], ",") {
		first, last, ranges := strings.Cut(days, "-")
		if !ranges {
			w.Days = append(w.Days, first)
			continue
		}
		between, ok := daysBetween(first, last)
		if !ok {
			return w, false
		}
		w.Days = append(w.Days, between...)
	}
	return w, true
}

// daysBetween returns the days from the first to the last, over Sunday if need be.
func daysBetween(first, last string) ([]string, bool) {
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	from, to := slices.Index(week, first), slices.Index(week, last)
	if from < 0 || to < 0 {
		return nil, false
	}
	if to < from {
		to += len(week)
	}
	return slices.Repeat(week, 2)[from : to+1], true
}

// hoursText is how a schedule is shown to people; empty for always.
func hoursText(s *admin.Schedule) string {
	if s == nil {
		return ""
	}
	windows := make([]string, 0, len(s.Windows))
	for _, w := range s.Windows {
		windows = append(windows, strings.Join(w.Days, ",")+" "+w.From+"-"+w.To)
	}
	text := strings.Join(windows, "; ") + " in " + s.Zone
	if len(s.Holidays) > 0 {
		text += ", but on " + strings.Join(s.Holidays, ", ")
	}
	if s.Otherwise != "" && s.Otherwise != mapping.OtherwiseRefuse.String() {
		text += ", else " + s.Otherwise
	}
	return text
}
