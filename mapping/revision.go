package mapping

import "time"

// Revision is a change of what an interaction may do while it lives. What is nil
// stays as it is.
type Revision struct {
	CallTime  *time.Duration
	Warn      *[]time.Duration
	Warned    *Audience
	AtOnce    *int
	Calls     *int
	Direction *Direction
	A, B      PartyRevision
	Strangers StrangersRevision
}

// PartyRevision is a change of one party: how it is rung, and whether.
type PartyRevision struct {
	Quiet    *bool
	Ring     *Ring
	RingTime *time.Duration // zero: what is usual for its numbers
	Fallback *Number        // zero: nobody
	Locale   *Locale
	CallTime *time.Duration // of the calls that it makes
	Calls    *int           // that it makes
}

// StrangersRevision is a change of what is for callers who are no party.
type StrangersRevision struct {
	Withheld *Withheld
	Callback *Callback
	Fallback *Number // with CallbackFallback; what was named before is forgotten with any other
}

// IsZero reports whether nothing is to be changed.
func (r Revision) IsZero() bool { return r == Revision{} }

// Revise returns the interaction as it is revised: what it says holds for calls
// to come. It fails with [ErrNotActive], or an [InvalidError]. owned tells whether a
// number is one of our own DIDs.
func (i Interaction) Revise(r Revision, owned func(Number) bool, at time.Time) (Interaction, error) {
	if !i.Holds(at) {
		return i, ErrNotActive
	}
	replace(&i.Direction, r.Direction)
	if err := i.reviseLimits(r); err != nil {
		return i, err
	}
	if err := i.reviseStrangers(r); err != nil {
		return i, err
	}
	if err := i.A.revise("parties.a", r.A, i.B.Numbers, owned); err != nil {
		return i, err
	}
	if err := i.B.revise("parties.b", r.B, i.A.Numbers, owned); err != nil {
		return i, err
	}
	if r.Strangers != (StrangersRevision{}) || i.Mode.OneSided() && r.A.Fallback != nil {
		if err := i.Strangers.validateCallback(i.A.Known(), owned); err != nil {
			return i, err
		}
	}
	return i, i.Locales().validate()
}

func (i *Interaction) reviseLimits(r Revision) error {
	l, a, b := &i.Limits, &i.A.Limits, &i.B.Limits
	replace(&l.CallTime, r.CallTime)
	replace(&a.CallTime, r.A.CallTime)
	replace(&b.CallTime, r.B.CallTime)
	replace(&l.Warn, r.Warn)
	if max(l.CallTime, a.CallTime, b.CallTime) == 0 && r.Warn == nil {
		l.Warn = nil
	}
	replace(&l.Warned, r.Warned)
	replace(&l.AtOnce, r.AtOnce)
	replace(&l.Calls, r.Calls)
	replace(&a.Calls, r.A.Calls)
	replace(&b.Calls, r.B.Calls)
	if err := a.validate("parties.a"); err != nil {
		return err
	}
	if err := b.validate("parties.b"); err != nil {
		return err
	}
	return l.validate(*a, *b)
}

// revise changes the party, which has the others on the other side.
func (p *Party) revise(field string, r PartyRevision, others []Number, owned func(Number) bool) error {
	replace(&p.Quiet, r.Quiet)
	replace(&p.Locale, r.Locale)
	if r.Ring == nil && r.RingTime == nil && r.Fallback == nil {
		return nil
	}
	replace(&p.Hunt.Ring, r.Ring)
	replace(&p.Hunt.RingTime, r.RingTime)
	replace(&p.Hunt.Fallback, r.Fallback)
	p.Hunt = p.Hunt.WithDefaults(len(p.Numbers))
	if p.Hunt.Fallback.IsZero() && p.Hours.fallsBack() {
		return invalid(field+".fallback", "missing", "its hours fall back to it: change these first")
	}
	return p.Hunt.validate(field, p.Numbers, others, owned)
}

// reviseStrangers changes what is for strangers, who are party B of modes that have
// them and of no other.
func (i *Interaction) reviseStrangers(r Revision) error {
	switch changed := r.Strangers != (StrangersRevision{}); {
	case i.Mode.OneSided() && r.B != (PartyRevision{}):
		return invalid("parties.b", "not_allowed", "in this mode only party a is named")
	case !changed:
		return nil
	case !i.Mode.OneSided():
		return invalid("mode", "not_allowed", "callback and withheld are for the modes open and extension")
	case i.Mode != ModeOpen && r.Strangers.Withheld != nil:
		return invalid("withheld", "not_allowed", "only mode open can refuse callers who hide their numbers")
	}
	s := &i.Strangers
	replace(&s.Withheld, r.Strangers.Withheld)
	replace(&s.Callback, r.Strangers.Callback)
	if s.Callback != CallbackFallback {
		s.Fallback = Number{}
	}
	if s.Callback != CallbackLastCaller {
		i.LastCall = LastCall{}
	}
	replace(&s.Fallback, r.Strangers.Fallback)
	return nil
}

func replace[T any](old *T, by *T) {
	if by != nil {
		*old = *by
	}
}
