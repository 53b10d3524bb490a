package main

import (
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"maskd/cmd/maskd/admin"
)

// reload reads the configuration again, and goes on with what of it may change
// while the daemon runs. If anything is wrong with it, nothing changes.
func (d *daemon) reload() (admin.Reloaded, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	done, err := d.reread()
	if err != nil {
		d.log.Error("configuration not reloaded", zap.Error(err))
		return admin.Reloaded{}, admin.BadConfiguration(err)
	}
	d.log.Info("configuration reloaded", zap.Strings("added", done.Added), zap.Strings("changed", done.Changed),
		zap.Strings("removed", done.Removed), zap.Strings("restart_needed", done.RestartNeeded))
	return done, nil
}

func (d *daemon) reread() (admin.Reloaded, error) {
	next, restart, err := d.cfg.Reload(d.file)
	if err != nil {
		return admin.Reloaded{}, err
	}
	options, err := sipConfig(next)
	if err != nil {
		return admin.Reloaded{}, err
	}
	may, err := access(next)
	if err != nil {
		return admin.Reloaded{}, err
	}
	told, err := endpoints(next)
	if err != nil {
		return admin.Reloaded{}, err
	}
	changes, err := d.sip.Reload(options)
	if err != nil {
		return admin.Reloaded{}, err
	}
	pools, err := next.DomainPools()
	if err != nil {
		return admin.Reloaded{}, err
	}
	if err := d.store.SetPools(context.Background(), pools, time.Now()); err != nil {
		return admin.Reloaded{}, err
	}
	if err := d.webhooks.Set(told, false); err != nil {
		return admin.Reloaded{}, err
	}
	d.store.SetHolidays(next.Holidays.Calendars())
	d.admin.SetAccess(may)
	d.keepFor(next.Retention.Domain())
	d.cfg = next
	return admin.Reloaded{Added: changes.Added, Changed: changes.Changed, Removed: changes.Removed, RestartNeeded: restart}, nil
}

// drainTime returns how long calls may go on when the daemon stops.
func (d *daemon) drainTime() time.Duration {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	return d.cfg.SIP.Drain.Time()
}

func reloadCommand() *cli.Command {
	return &cli.Command{
		Name: "reload", Usage: "have the daemon read trunks, pools, webhooks, holidays, retention, roles and certificates again; calls go on",
		Flags: clientFlags(), Action: reloadDaemon,
	}
}

func reloadDaemon(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	done, err := daemon.Reload(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, done)
	}
	return printFields(c.App.Writer, [][]string{
		{"trunks added", strings.Join(done.Added, ", ")},
		{"trunks changed", strings.Join(done.Changed, ", ")},
		{"trunks removed", strings.Join(done.Removed, ", ")},
		{"restart needed for", strings.Join(done.RestartNeeded, ", ")},
		{"reloaded", "yes"},
	})
}
