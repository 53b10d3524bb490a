package recording

import (
	"testing"
	"testing/synctest"
)

// However many recordings begin or end at once, few wait for the disk, and the others for them.
func TestFewWaitForTheDiskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		for range syncers {
			s.vault.syncs <- struct{}{}
		}
		saved := make(chan error, 1)
		go func() { saved <- s.vault.save(&Manifest{ID: "rec_1"}) }()
		synctest.Wait()
		select {
		case err := <-saved:
			t.Errorf("it is saved out of turn, %v", err)
		default:
		}
		<-s.vault.syncs
		if err := <-saved; err != nil {
			t.Error(err)
		}
	})
}
