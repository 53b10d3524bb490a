package mapping

import "time"

// Revision is a change of what an interaction may do while it lives. What is nil
// stays as it is.
type Revision struct {
	CallTime       *time.Duration
	Warn           *[]time.Duration
	Warned         *Audience
	AtOnce         *int
	Calls          *int
	QuietA, QuietB *bool
}

// IsZero reports whether nothing is to be changed.
func (r Revision) IsZero() bool { return r == Revision{} }

// Revise returns the interaction as it is revised: what it says holds for calls
// to come. It fails with [ErrNotActive], or an [InvalidError].
func (i Interaction) Revise(r Revision, at time.Time) (Interaction, error) {
	if !i.Holds(at) {
		return i, ErrNotActive
	}
	replace(&i.Limits.CallTime, r.CallTime)
	replace(&i.Limits.Warn, r.Warn)
	if i.Limits.CallTime == 0 && r.Warn == nil {
		i.Limits.Warn = nil
	}
	replace(&i.Limits.Warned, r.Warned)
	replace(&i.Limits.AtOnce, r.AtOnce)
	replace(&i.Limits.Calls, r.Calls)
	replace(&i.A.Quiet, r.QuietA)
	replace(&i.B.Quiet, r.QuietB)
	return i, i.Limits.validate()
}

func replace[T any](old *T, by *T) {
	if by != nil {
		*old = *by
	}
}
