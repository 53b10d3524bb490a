package store

import (
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// The fields of how far an endpoint has been told.
const (
	progressTenant byte = iota + 1
	progressAfter
	progressFailing
	progressDisabled
	progressGone
)

func encodeProgress(p mapping.Progress) []byte {
	f := make(fields, 0, 64)
	f = f.text(progressTenant, string(p.Tenant))
	f = f.integer(progressAfter, p.After)
	f = f.instant(progressFailing, p.FailingSince)
	f = f.instant(progressDisabled, p.DisabledAt)
	return f.flag(progressGone, p.Gone)
}

func decodeProgress(f fields) (p mapping.Progress, err error) {
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setProgress(&p, tag, v)
		}
		if err != nil {
			return p, err
		}
		f = rest
	}
	return p, nil
}

func setProgress(p *mapping.Progress, tag byte, v value) (err error) {
	switch tag {
	case progressTenant:
		p.Tenant, err = v.tenant()
	case progressAfter:
		p.After, err = v.integer()
	case progressFailing:
		p.FailingSince, err = v.instant()
	case progressDisabled:
		p.DisabledAt, err = v.instant()
	case progressGone:
		p.Gone, err = v.flag()
	default:
		err = errFields
	}
	return err
}

// Progress returns how far an endpoint has been told, or [mapping.ErrNotFound].
func (db *DB) Progress(endpoint string) (p mapping.Progress, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		row := bucketWebhooks.in(tx).Get([]byte(endpoint))
		if row == nil {
			return mapping.ErrNotFound
		}
		if p, err = decodeProgress(row); err != nil {
			return fmt.Errorf("read progress of webhook: %w: %w", ErrDamaged, err)
		}
		return nil
	})
	return p, err
}

// SetProgress notes how far an endpoint has been told, durably.
func (db *DB) SetProgress(ctx context.Context, endpoint string, p mapping.Progress) error {
	return db.advance(ctx, &progress{put: map[string]mapping.Progress{endpoint: p}})
}

// KeepProgress forgets how far endpoints were told that are not among these.
func (db *DB) KeepProgress(ctx context.Context, endpoints []string) error {
	gone := &progress{}
	err := db.file.View(func(tx *bolt.Tx) error {
		return bucketWebhooks.in(tx).ForEach(func(name, _ []byte) error {
			if !slices.Contains(endpoints, string(name)) {
				gone.remove = append(gone.remove, string(name))
			}
			return nil
		})
	})
	if err != nil || len(gone.remove) == 0 {
		return err
	}
	return db.advance(ctx, gone)
}

// progress is the change that notes how far endpoints have been told.
type progress struct {
	put    map[string]mapping.Progress
	remove []string
	done   answer
}

func (db *DB) advance(ctx context.Context, p *progress) error {
	p.done = newAnswer()
	if _, err := db.submit(ctx, p, maxRecords, p.done); err != nil {
		return fmt.Errorf("note progress of webhook: %w", err)
	}
	return nil
}

func (p *progress) apply(t *txn) error {
	for name, to := range p.put {
		if err := t.put(bucketWebhooks, []byte(name), encodeProgress(to)); err != nil {
			return err
		}
	}
	for _, name := range p.remove {
		if err := t.remove(bucketWebhooks, []byte(name)); err != nil {
			return err
		}
	}
	return nil
}

func (p *progress) settle(err error) { p.done.give(err) }
