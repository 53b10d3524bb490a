package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/media/recording"
)

// retainEvery is how often what is kept too long is looked for. Days are promised.
const retainEvery = time.Hour

// startRetention begins to look for what is kept too long.
func (d *daemon) startRetention(cfg config.Config) error {
	d.retention.Store(new(cfg.Retention.Domain()))
	d.sweeping.Go(func() { d.retain(d.life) })
	return nil
}

// keepFor has another retention hold from now on.
func (d *daemon) keepFor(keep mapping.Retention) {
	if *d.retention.Swap(&keep) == keep {
		return
	}
	select {
	case d.reconsider <- struct{}{}:
	default: // it is about to look
	}
}

// retain erases what is kept too long, now and then, until the context is done.
func (d *daemon) retain(ctx context.Context) {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		d.spare.Run(func() { d.forget(ctx, *d.retention.Load(), time.Now()) })
		select {
		case <-ctx.Done():
			return
		case <-d.reconsider:
		case <-tick.C:
		}
	}
}

// forget erases what is kept too long.
func (d *daemon) forget(ctx context.Context, keep mapping.Retention, at time.Time) {
	gone, err := d.store.Retain(ctx, keep, at)
	if err != nil && ctx.Err() == nil {
		d.log.Error("what is kept too long is not erased", zap.Error(err))
	}
	if gone.Events, err = d.store.RetainEvents(ctx, keep.Events, at); err != nil && ctx.Err() == nil {
		d.log.Error("old events are not removed", zap.Error(err))
	}
	gone.Recordings = d.forgetRecordings(ctx, keep, at)
	if gone.Any() {
		d.log.Info("erased what was kept too long", zap.Int("interactions", gone.Interactions), zap.Int("calls", gone.Calls),
			zap.Int("audit_entries", gone.Entries), zap.Int("events", gone.Events), zap.Int("recordings", gone.Recordings))
	}
}

// forgetRecordings erases recordings that are too old, and the files of those whose
// interaction is erased.
func (d *daemon) forgetRecordings(ctx context.Context, keep mapping.Retention, at time.Time) (erased int) {
	if d.vault == nil {
		return 0
	}
	ids, err := d.vault.List()
	if err != nil {
		d.log.Error("recordings can't be listed", zap.Error(err))
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			return erased
		}
		if m, err := d.vault.Manifest(id); err == nil && d.tooOld(m, keep, at) && d.forgetRecording(ctx, m, at) {
			erased++
		}
	}
	return erased
}

// tooOld reports whether a recording is kept too long. One under a legal hold never is.
func (d *daemon) tooOld(m recording.Manifest, keep mapping.Retention, at time.Time) bool {
	id, err := mapping.ParseID(mapping.KindInteraction, m.Interaction)
	if err != nil || m.Ended == "" {
		return false
	}
	if _, err := d.store.Tombstone(id); err == nil {
		return true
	}
	i, err := d.store.Interaction(id)
	return err == nil && !i.Held.Any() && keep.Recordings > 0 && at.Sub(m.BeganAt) >= keep.Recordings
}

// forgetRecording destroys what opens a recording, tells the audit log, and removes the
// files, by which the next look would find what is not told yet. What is told, and can't be
// removed, is not told again.
func (d *daemon) forgetRecording(ctx context.Context, m recording.Manifest, at time.Time) bool {
	interaction, err := mapping.ParseID(mapping.KindInteraction, m.Interaction)
	if err != nil {
		return false
	}
	call, err := mapping.ParseID(mapping.KindCall, m.Call)
	if err != nil {
		return false
	}
	told := d.stuck[m.ID]
	err = d.store.EraseRecording(interaction, call)
	if err == nil && !told {
		e := mapping.AuditEntry{At: at, Action: mapping.ActionRecordingErase, Object: mapping.ObjectNamed("recording", m.ID), Outcome: mapping.AuditDone}
		err = d.store.Witness(context.WithoutCancel(ctx), e) // a stop meanwhile would leave the files, and have it told again
	}
	if err != nil {
		d.log.Error("recording is not erased", zap.String("recording", m.ID), zap.Error(err))
		return false
	}
	delete(d.stuck, m.ID)
	if err := d.vault.Remove(m); err != nil {
		d.log.Warn("erased recording not removed", zap.String("recording", m.ID), zap.Error(err))
		d.stuck[m.ID] = true
	}
	return !told
}
