package mapping

import (
	"testing"
	"time"
)

func TestProgressOfAnEndpoint(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	p := Progress{Tenant: "acme", After: 7}.Failed(false, at)
	if p.FailingSince != at || p.Disabled() || p.After != 7 {
		t.Errorf("failed once: %+v", p)
	}
	if p = p.Failed(false, at.Add(MaxFailing-1)); p.Disabled() || p.FailingSince != at {
		t.Errorf("not yet: %+v", p)
	}
	disabled := p.Failed(false, at.Add(MaxFailing))
	if !disabled.Disabled() || disabled.Gone {
		t.Errorf("for three days: %+v", disabled)
	}
	if again := disabled.Resumed(); again != (Progress{Tenant: "acme", After: 7}) {
		t.Errorf("resumed: %+v", again)
	}
	if gone := p.Failed(true, at); !gone.Disabled() || !gone.Gone {
		t.Errorf("gone: %+v", gone)
	}
	if done := p.Delivered(8); done != (Progress{Tenant: "acme", After: 8}) {
		t.Errorf("delivered: %+v", done)
	}
}
