package store

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
)

// Acknowledged is durable: whatever is asked for, nobody hears that it is done while the disk
// has yet to write it.
func TestNothingIsAcknowledgedBeforeItIsDurable(t *testing.T) {
	for name, ask := range map[string]func(context.Context, *DB, *mapping.Interaction) error{
		"a create": func(ctx context.Context, db *DB, _ *mapping.Interaction) error {
			_, _, err := db.Create(ctx, ride(t, 2, 2), noon)
			return err
		},
		"a complete": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			_, err := db.Complete(ctx, i.ID, "", noon)
			return err
		},
		"a later end": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			_, err := db.Extend(ctx, i.ID, mapping.Extension{TTL: mapping.DefaultTTL + time.Hour}, noon)
			return err
		},
		"an erasure": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			_, err := db.Erase(ctx, i.ID, noon)
			return err
		},
		"an entry of the audit log": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			return db.Witness(ctx, mapping.AuditEntry{
				At: noon, Actor: clerk(), Action: mapping.ActionInteractionReveal, Object: mapping.ObjectID(mapping.KindInteraction, i.ID),
				Outcome: mapping.AuditDone, Reason: "dispute 4711",
			})
		},
		"an event": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			return db.Announce(ctx, i.Told(mapping.EventInteractionExtended, noon), nil)
		},
		"a call's record that is waited for": func(ctx context.Context, db *DB, i *mapping.Interaction) error {
			db.Record(callOf(1, i))
			return db.Flush(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk := newDisk()
				db := openedOn(t, optionsIn(t, t.TempDir(), 10), disk)
				i := created(t, db, ride(t, 1, 1), noon)
				resume := disk.stall(t)
				done := make(chan error, 1)
				go func() { done <- ask(t.Context(), db, &i) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Errorf("acknowledged before the disk has it: %v", err)
					resume()
				default:
					resume()
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}
