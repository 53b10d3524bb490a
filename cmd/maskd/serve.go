package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"maskd/cmd/maskd/config"
	"maskd/cmd/maskd/place"
	"maskd/mapping"
)

const (
	// stopTime is how long peers have to answer our BYE, below the 90 s after
	// which systemd kills.
	stopTime = 10 * time.Second
	// umask keeps what the daemon makes from all but its owner and, for
	// reading, its group; the admin socket is opened to the group on purpose.
	umask = 0o027
)

// serving is what people who stop a daemon ask.
const serving = `At SIGINT or SIGTERM no new calls are taken, and those that are up may go on for
sip.drain_seconds; those left then are hung up. A second signal hangs up at
once, a third ends the process.

At SIGHUP, as at maskd reload, trunks, pools, webhooks, holidays and TLS
certificates are read again. Calls go on.`

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:        "serve",
		Usage:       "run the daemon until SIGINT or SIGTERM; SIGHUP reads the configuration again",
		Description: serving,
		Flags: []cli.Flag{
			configFlag(),
			&cli.StringFlag{Name: "log-level", Usage: "log from `LEVEL` on: debug, info, warn or error", Value: "info"},
		},
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	log, err := newLogger(c.App.ErrWriter, c.String("log-level"))
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	syscall.Umask(umask)
	if err := leaveNoCore(); err != nil {
		return &startError{err}
	}
	runtime.GOMAXPROCS(threads(runtime.GOMAXPROCS(0), cfg.Recording.Directory != ""))
	collectSeldom()
	makeRoomFor(descriptorsFor(cfg.Media))
	spare, err := place.Keep(keepSpare)
	if err != nil {
		return &startError{err}
	}
	defer spare.Close()
	d, err := start(cfg, c.Path("config"), log, spare)
	if err != nil {
		return err
	}
	broken := d.wait(signals, hangups)
	if broken == nil {
		d.drain(signals)
	}
	return errors.Join(broken, d.stop(signals))
}

// wait returns at the first signal to stop, or with the error of a part that
// broke. A hangup has it read again what may change while it runs.
func (d *daemon) wait(signals, hangups <-chan os.Signal) error {
	sip, admin := d.failed()
	for {
		select {
		case s := <-signals:
			d.log.Info("stopping", zap.Stringer("signal", s))
			return nil
		case <-hangups:
			_, err := d.reload() // which has logged what is wrong: the daemon goes on as it was
			d.chronicle.tell(mapping.ActionReload, err)
		case err := <-sip:
			return err
		case err := <-admin:
			return err
		}
	}
}

// drain takes no more calls, and gives those that are up the configured time to
// end by themselves, or until another signal.
func (d *daemon) drain(signals <-chan os.Signal) {
	calls, limit := d.sip.Drain(), d.drainTime()
	if calls == 0 || limit == 0 {
		return
	}
	d.log.Info("draining", zap.Int("calls", calls), zap.Duration("at_most", limit))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	select {
	case <-d.sip.Over():
	case <-ctx.Done():
	case <-signals:
	}
}

// stop closes the daemon; another signal ends the process at once.
func (d *daemon) stop(signals <-chan os.Signal) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- d.close(ctx) }()
	select {
	case err := <-closed:
		d.log.Info("stopped")
		return err
	case <-signals:
		os.Exit(exitFailure)
		return nil
	}
}
