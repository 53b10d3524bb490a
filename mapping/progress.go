package mapping

import "time"

// Progress is how far an endpoint has been told of its tenant's events.
type Progress struct {
	Tenant       Tenant
	After        uint64    // the number of the last event that it has taken, or that is not for it
	FailingSince time.Time // zero: it took the last one that it was sent
	DisabledAt   time.Time // zero: it is not; disabled, it is told nothing until somebody resumes it
	Gone         bool      // it said itself that it wants no more
}

// MaxFailing is how long an endpoint may take nothing before it is disabled: over a
// weekend somebody may be away.
const MaxFailing = 3 * 24 * time.Hour

// Delivered returns the progress after an event was taken, or was not for the endpoint.
func (p Progress) Delivered(seq uint64) Progress {
	return Progress{Tenant: p.Tenant, After: seq}
}

// Failed returns the progress after an event was not taken. Who is gone, or has
// failed for too long, is disabled.
func (p Progress) Failed(gone bool, at time.Time) Progress {
	if p.FailingSince.IsZero() {
		p.FailingSince = at
	}
	if gone || at.Sub(p.FailingSince) >= MaxFailing {
		p.DisabledAt, p.Gone = at, gone
	}
	return p
}

// Resumed returns the progress of an endpoint that is tried again as if it never
// had failed.
func (p Progress) Resumed() Progress { return Progress{Tenant: p.Tenant, After: p.After} }

// Disabled reports whether it is told nothing more.
func (p Progress) Disabled() bool { return !p.DisabledAt.IsZero() }
