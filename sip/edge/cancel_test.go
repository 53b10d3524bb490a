package edge

import (
	"testing"
	"time"
)

func TestACancelFindsItsInvite(t *testing.T) {
	start := time.Unix(0, 0)
	told := 0
	tell := waiting{cancelled: func() { told++ }}

	t.Run("that came first", func(t *testing.T) {
		c, before := newCancels(), told
		if !c.invite("branch", tell, start) || !c.cancel("branch", start) || told != before+1 {
			t.Error("the INVITE was not told")
		}
	})
	t.Run("that comes later", func(t *testing.T) {
		c, before := newCancels(), told
		if c.cancel("branch", start) || c.invite("branch", tell, start) || told != before {
			t.Error("the INVITE does not learn that it is cancelled already")
		}
		if !c.invite("branch", tell, start) {
			t.Error("one CANCEL cancels twice")
		}
	})
	t.Run("and no other", func(t *testing.T) {
		c, before := newCancels(), told
		c.invite("branch", tell, start)
		if c.cancel("another", start) || told != before {
			t.Error("the wrong INVITE was cancelled")
		}
	})
	t.Run("but not one that is answered", func(t *testing.T) {
		c, before := newCancels(), told
		c.invite("branch", tell, start)
		c.done("branch")
		if c.cancel("branch", start) || told != before {
			t.Error("an answered INVITE was cancelled")
		}
	})
}

func TestCancelsAreForgotten(t *testing.T) {
	start := time.Unix(0, 0)
	c := newCancels()
	c.cancel("old", start)
	c.cancel("young", start.Add(cancelMemory))
	c.cancel("now", start.Add(cancelMemory+1))
	if _, old := c.early["old"]; old || len(c.early) != 2 {
		t.Errorf("remembered: %v", c.early)
	}
	now := start.Add(cancelMemory + 1)
	c.invite("young", waiting{}, now)
	c.invite("waiting", waiting{}, now)
	c.done("waiting")
	if len(c.early) != 1 || len(c.waiting) != 0 {
		t.Errorf("left: %d early, %d waiting", len(c.early), len(c.waiting))
	}
}
