package main

import (
	"context"
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
		return
	}
	if err := d.attest(m); err != nil {
		log.Error("recording is not in the audit log", zap.Error(err))
	}
	log.Info("recording ended", zap.Int("parts", len(m.Parts)), zap.Uint64s("dropped", m.Dropped[:]), zap.Int("late", m.Late), zap.Int("unkept", m.Unkept))
}

// attest tells the audit log of a recording, by the digest of its manifest.
func (d *daemon) attest(m recording.Manifest) error {
	digest, err := d.vault.Digest(m.ID)
	if err != nil {
		return err
	}
	deed := &mapping.Deed{Action: mapping.ActionRecordingMake, Object: mapping.ObjectNamed("recording", m.ID+" "+digest)}
	return d.store.Tell(context.Background(), deed, mapping.AuditDone, time.Now())
}

// recordings is how the B2BUA records.
func (d *daemon) recordings(cfg config.Config) sip.Recordings {
	r := sip.Recordings{
		Keys: sip.RecordingKeys{
			Accept: cfg.Recording.Accept.Event(), Decline: cfg.Recording.Decline.Event(),
			Withdraw: cfg.Recording.Withdraw.Event(), Pause: cfg.Recording.Pause.Event(),
		},
		Ended: d.recorded,
	}
	if d.deck != nil {
		r.Studio = d.deck
	}
	return r
}
