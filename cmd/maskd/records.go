package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"maskd/audit"
	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/store"
)

// records is where an audit log is read: a daemon, or the store of one that does
// not run.
type records interface {
	export(ctx context.Context, from int64, to io.Writer) error
	checkpoint(ctx context.Context) (admin.AuditCheckpoint, error)
	io.Closer
}

// openRecords asks the daemon, and opens the store if none answers.
func openRecords(c *cli.Context) (records, error) {
	daemon, err := client(c)
	if err != nil {
		return nil, err
	}
	_, err = daemon.AuditCheckpoint(c.Context)
	var unreachable *admin.UnreachableError
	if !errors.As(err, &unreachable) || c.Path("socket") != "" {
		return remote{daemon}, err
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return nil, err
	}
	// Opening would make a store where there is none.
	if _, statErr := os.Stat(cfg.Store.Path); statErr != nil {
		return nil, unreachable
	}
	options, err := storeOptions(cfg)
	if err != nil {
		return nil, err
	}
	log, closer, err := store.OpenAudit(options)
	if err != nil {
		return nil, err
	}
	return local{log, closer}, nil
}

type remote struct{ *admin.Client }

func (r remote) export(ctx context.Context, from int64, to io.Writer) error {
	return r.ExportAudit(ctx, from, to)
}

func (r remote) checkpoint(ctx context.Context) (admin.AuditCheckpoint, error) {
	return r.AuditCheckpoint(ctx)
}

func (r remote) Close() error { return nil }

type local struct {
	log *store.AuditLog
	io.Closer
}

func (l local) export(ctx context.Context, from int64, to io.Writer) error {
	return audit.Export(ctx, l.log, l.log.Verifier(), from, to)
}

func (l local) checkpoint(context.Context) (admin.AuditCheckpoint, error) {
	signed, err := l.log.Latest()
	return admin.AuditCheckpoint{Checkpoint: string(signed), Key: l.log.PublicKey()}, err
}
