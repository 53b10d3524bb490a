package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// lifeFlags say how an interaction begins and ends.
func lifeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{Name: "ttl", Usage: "let it live for `TIME`, such as 90m", DefaultText: mapping.DefaultTTL.String()},
		timeFlag("starts-at", "let it begin at `TIME`, such as 2026-11-21T12:00:00Z; without it, at once"),
		&cli.StringFlag{Name: "expiry", Usage: "let it end as `RULE` says: fixed, or sliding, --ttl after the last answer", DefaultText: mapping.ExpiryFixed.String()},
		&cli.DurationFlag{Name: "max-ttl", Usage: "let nothing extend it beyond `TIME`"},
		&cli.DurationFlag{Name: "callback", Usage: "let them call back for `TIME` after its completion"},
		&cli.IntFlag{Name: "complete-after-calls", Usage: "complete it after `N` answered calls"},
	}
}

// overrideLife puts what the flags say in place of what was read.
func overrideLife(d *admin.Draft, c *cli.Context) {
	for flag, field := range map[string]**int64{"ttl": &d.TTLSeconds, "max-ttl": &d.MaxTTLSeconds, "callback": &d.CallbackSeconds} {
		if c.IsSet(flag) {
			*field = seconds(c, flag)
		}
	}
	if c.IsSet("starts-at") {
		d.StartsAt = timeOf(c, "starts-at")
	}
	if c.IsSet("expiry") {
		d.Expiry = c.String("expiry")
	}
	if c.IsSet("complete-after-calls") {
		calls := c.Int("complete-after-calls")
		d.CompleteAfterCalls = &calls
	}
}

func seconds(c *cli.Context, flag string) *int64 {
	n := int64(c.Duration(flag) / time.Second)
	return &n
}

func prolongCommand(name, usage string, how func(*admin.Client, context.Context, string, admin.Extension) (admin.Interaction, error)) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "ID",
		Flags: clientFlags(
			&cli.DurationFlag{Name: "ttl", Usage: "let it end `TIME` from now, such as 90m"},
			timeFlag("expires-at", "let it end at `TIME`, such as 2026-11-21T12:00:00Z"),
		),
		Action: func(c *cli.Context) error {
			i, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Interaction, error) {
				return how(daemon, ctx, id, extensionOf(c))
			})
			if err != nil {
				return err
			}
			return printInteraction(c, i)
		},
	}
}

func extensionOf(c *cli.Context) (e admin.Extension) {
	if c.IsSet("ttl") {
		e.TTLSeconds = seconds(c, "ttl")
	}
	if c.IsSet("expires-at") {
		e.ExpiresAt = timeOf(c, "expires-at")
	}
	return e
}
