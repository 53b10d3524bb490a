package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
)

// openWebhooks begins to tell endpoints what happens, before anything can.
func (d *daemon) openWebhooks(cfg config.Config) error {
	told, err := endpoints(cfg)
	if err != nil {
		return err
	}
	d.webhooks = webhook.Open(d.store, d.log.Named("webhook"))
	return d.webhooks.Set(told, true)
}

// endpoints reads the keys and authorities of the configured endpoints.
func endpoints(cfg config.Config) (all []webhook.Endpoint, err error) {
	for _, w := range cfg.Webhooks {
		e := webhook.Endpoint{Name: string(w.Name), URL: string(w.URL), Tenant: mapping.Tenant(w.Tenant), Types: w.Events()}
		if e.Key, err = readKey(w.KeyFile); err != nil {
			return nil, fmt.Errorf("read key of webhook %q: %w", w.Name, err)
		}
		if e.Roots, err = authorities(w.CA); err != nil {
			return nil, fmt.Errorf("read authorities of webhook %q: %w", w.Name, err)
		}
		all = append(all, e)
	}
	return all, nil
}

func webhookCommand() *cli.Command {
	return &cli.Command{
		Name:  "webhook",
		Usage: "see how endpoints take the events that they are sent, or try one again",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the configured ones", Flags: clientFlags(), Action: listWebhooks},
			{Name: "resume", Usage: "try one at once that is disabled or failing", ArgsUsage: "NAME", Flags: clientFlags(), Action: resumeWebhook},
		},
	}
}

func listWebhooks(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	all, err := daemon.Webhooks(c.Context)
	if err != nil {
		return err
	}
	head := []string{"NAME", "TENANT", "SITE", "STATE", "STATUS", "AFTER", "BACKLOG", "DELIVERED", "FAILED", "NEXT TRY", "TYPES"}
	return printPage(c, all, head, func(w admin.Webhook) []string {
		return []string{w.Name, dash(w.Tenant), w.Site, stateOf(w), fmt.Sprint(w.Status), fmt.Sprint(w.After), fmt.Sprintf("%.0f s", w.BacklogSeconds),
			fmt.Sprint(w.Delivered), fmt.Sprint(w.Failed), clock(w.NextTryAt), dash(strings.Join(w.Types, ","))}
	})
}

// stateOf tells why one is disabled.
func stateOf(w admin.Webhook) string {
	switch {
	case w.Gone:
		return "disabled (410)"
	case !w.FailingSince.IsZero():
		return w.State + " since " + w.FailingSince.String()
	default:
		return w.State
	}
}

func resumeWebhook(c *cli.Context) error {
	w, err := aboutOne(c, (*admin.Client).ResumeWebhook)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, w)
	}
	return printFields(c.App.Writer, [][]string{{"name", w.Name}, {"tried again", "yes"}})
}
