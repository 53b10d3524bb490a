package store

import (
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// interrupt closes the call detail records of the calls that a crash cut, in
// one commit. When such a call ended is unknown and stays so.
func (db *DB) interrupt(at time.Time) error {
	var mail []mail
	err := db.file.Update(func(tx *bolt.Tx) error {
		t := &txn{Tx: tx, keys: db.keys, outbox: db.outbox, crown: *db.crown}
		var calls []mapping.ID
		err := bucketLive.in(tx).ForEach(func(call, _ []byte) error {
			calls = append(calls, mapping.ID(call))
			return nil
		})
		if err != nil {
			return err
		}
		for _, call := range calls {
			if err := db.interruptCall(t, call, at); err != nil {
				return fmt.Errorf("close call detail record: %w", err)
			}
		}
		mail = t.desk().mail
		return t.post()
	})
	if err == nil {
		db.outbox.publish(mail)
	}
	return err
}

// enrol reads what is known of DIDs, and notes those that are new.
func (db *DB) enrol(at time.Time) error {
	if err := db.file.View(db.roster.load); err != nil {
		return err
	}
	news := db.roster.pools().Newcomers(*db.roster.known.Load(), at)
	if len(news) == 0 {
		return nil
	}
	d := &decree{db: db, conditions: news}
	err := db.file.Update(func(tx *bolt.Tx) error {
		return d.apply(&txn{Tx: tx, keys: db.keys, crown: *db.crown})
	})
	if err == nil {
		db.roster.put(news)
	}
	return err
}

func (db *DB) interruptCall(t *txn, call mapping.ID, at time.Time) error {
	c, err := db.readCDR(t.Tx, call)
	if errors.Is(err, errDestroyed) {
		return t.remove(bucketLive, call[:])
	}
	if err != nil {
		return err
	}
	c.Outcome, c.EndedBy = mapping.OutcomeInterrupted, mapping.EndedByCrash
	of := t.attach(&c.Call)
	t.announceCall(&c, of.told, at)
	if err := putCDR(t, &c, of); err != nil || c.AnsweredAt.IsZero() || c.Interaction.IsZero() {
		return err
	}
	if err := db.debit(&c).post(t); err != nil {
		return err
	}
	return db.countInterrupted(t, &c)
}

// countInterrupted counts a call to those that its interaction may have in all.
// It holds no slot less for it, so that memory need not know.
func (db *DB) countInterrupted(t *txn, c *mapping.CDR) error {
	r, i, err := t.interaction(c.Interaction)
	if err != nil {
		return err
	}
	next, counted := i.Interrupted(c.CallerSide)
	if !counted {
		return nil
	}
	return t.replace(&r, &next)
}
