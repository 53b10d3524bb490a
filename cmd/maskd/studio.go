package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/media/recording"
	"maskd/sip"
)

// openStudio makes ready what calls are recorded with, if they are, and closes the
// recordings that a crash has left open.
func (d *daemon) openStudio(cfg config.Config) (err error) {
	if cfg.Recording.Directory == "" {
		return nil
	}
	if d.vault, err = recording.OpenVault(cfg.Recording.Directory, cover{d.store}, cfg.Recording.Auditors...); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	if err := d.sweepStudio(); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	cut, err := d.vault.Recover()
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	for _, m := range cut {
		d.recorded(m, nil)
	}
	d.deck = recording.NewDeck(d.vault)
	return nil
}

// sweepStudio removes the files that a crash has left without a manifest, and tells the audit log.
func (d *daemon) sweepStudio() error {
	removed, err := d.vault.Sweep()
	for _, name := range removed {
		entry := mapping.AuditEntry{At: time.Now(), Action: mapping.ActionRecordingErase, Object: mapping.ObjectNamed("recording", name), Outcome: mapping.AuditDone}
		err = errors.Join(err, d.store.Witness(context.Background(), entry))
	}
	if len(removed) > 0 {
		d.log.Named("recording").Warn("files that a crash has left without a manifest are removed; they had no sound", zap.Strings("files", removed))
	}
	return err
}

// shelf is where the API finds recordings; nil where none are kept.
func (d *daemon) shelf() admin.Recordings {
	if d.vault == nil {
		return nil
	}
	return d.vault
}

// closeStudio waits until the last recording is on the disk. The calls are over.
func (d *daemon) closeStudio() error {
	if d.vault == nil {
		return nil
	}
	if d.deck != nil {
		d.deck.Close()
	}
	return d.vault.Close()
}

// recorded is told of each recording that is over.
func (d *daemon) recorded(m recording.Manifest, err error) {
	log := d.log.Named("recording").With(zap.String("recording", m.ID), zap.String("call", m.Call), zap.String("ended", string(m.Ended)))
	if err != nil {
		log.Error("recording is not whole; its call was not touched", zap.Error(err))
		if err := d.announceRecording(m, mapping.EventRecordingFailed, nil); err != nil {
			log.Error("recording is not in the outbox", zap.Error(err))
		}
		return
	}
	if err := d.attest(m); err != nil {
		log.Error("recording is not in the audit log", zap.Error(err))
	}
	log.Info("recording ended", zap.Int("parts", len(m.Parts)), zap.Uint64s("dropped", m.Dropped[:]), zap.Int("late", m.Late), zap.Int("unkept", m.Unkept))
}

// attest tells the audit log of a recording, by the digest of its manifest, and
// whoever is told of events.
func (d *daemon) attest(m recording.Manifest) error {
	digest, err := d.vault.Digest(m.ID)
	if err != nil {
		return err
	}
	return d.announceRecording(m, mapping.EventRecordingReady, &mapping.AuditEntry{
		At: time.Now(), Action: mapping.ActionRecordingMake, Object: mapping.ObjectNamed("recording", m.ID+" "+digest), Outcome: mapping.AuditDone,
	})
}

// announceRecording has an event told of a recording, and the audit log if there is
// an entry, in one commit. Of what is erased by now nobody can say whose it was: the
// audit log alone is told.
func (d *daemon) announceRecording(m recording.Manifest, what mapping.EventType, entry *mapping.AuditEntry) error {
	interaction, err := mapping.ParseID(mapping.KindInteraction, m.Interaction)
	if err != nil {
		return err
	}
	call, err := mapping.ParseID(mapping.KindCall, m.Call)
	if err != nil {
		return err
	}
	i, err := d.store.Interaction(interaction)
	switch {
	case errors.Is(err, mapping.ErrNotFound) && entry != nil:
		return d.store.Witness(context.Background(), *entry)
	case errors.Is(err, mapping.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	e := i.Told(what, time.Now())
	e.Call = call
	return d.store.Announce(context.Background(), e, entry)
}

// consented tells the audit log what a party has said by key of being recorded. The
// call's record and the manifest have it too.
func (d *daemon) consented(ctx context.Context, s sip.Statement) {
	entry := mapping.AuditEntry{
		At: s.At, Action: mapping.ActionConsentChange, Object: mapping.ObjectID(mapping.KindInteraction, s.Interaction), Outcome: mapping.AuditDone,
		Actor: mapping.PartyOf(s.Call, s.Side), Reason: s.Answer.String(),
	}
	if err := d.store.Witness(ctx, entry); err != nil {
		d.log.Error("what a party says of being recorded is not in the audit log", zap.String("call", s.Call.Text(mapping.KindCall)), zap.Error(err))
	}
}

// recordings is how the B2BUA records.
func (d *daemon) recordings(cfg config.Config) sip.Recordings {
	r := sip.Recordings{
		Keys: sip.RecordingKeys{
			Accept: cfg.Recording.Accept.Event(), Decline: cfg.Recording.Decline.Event(),
			Withdraw: cfg.Recording.Withdraw.Event(), Pause: cfg.Recording.Pause.Event(),
		},
		Said: d.consented, Ended: d.recorded,
	}
	if d.deck != nil {
		r.Studio = d.deck
	}
	return r
}
