package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Strangers is what an interaction that names party A only has for callers who
// are no party of any. They are its side B.
type Strangers struct {
	Extension ExtensionNumber // what they key in, in mode extension
	Withheld  Withheld        // whether they may hide their numbers, in mode open
	Callback  Callback        // whom A reaches by calling its DID
	Fallback  Number          // that number, with CallbackFallback
}

// Withheld is what becomes of callers who hide their numbers.
type Withheld uint8

// The policies.
const (
	WithheldConnect Withheld = iota + 1 // they reach A like any other
	WithheldRefuse
)

// String returns the policy as the API writes it.
func (w Withheld) String() string {
	switch w {
	case WithheldConnect:
		return "connect"
	case WithheldRefuse:
		return "refuse"
	default:
		return "withheld(" + strconv.Itoa(int(w)) + ")"
	}
}

// ParseWithheld reads a policy as the API writes it; the empty text is none said.
func ParseWithheld(s string) (Withheld, bool) { return calledOr(s, WithheldConnect, WithheldRefuse, 0) }

// Callback is whom party A reaches by calling its own DID.
type Callback uint8

// The policies.
const (
	CallbackLastCaller Callback = iota + 1 // the stranger who called last, unless he hid his number
	CallbackFallback                       // a number that the draft names
	CallbackRefuse                         // nobody
)

// String returns the policy as the API writes it.
func (c Callback) String() string {
	switch c {
	case CallbackLastCaller:
		return "last_caller"
	case CallbackFallback:
		return "fallback"
	case CallbackRefuse:
		return "refuse"
	default:
		return "callback(" + strconv.Itoa(int(c)) + ")"
	}
}

// ParseCallback reads a policy as the API writes it; the empty text is none said.
func ParseCallback(s string) (Callback, bool) {
	return calledOr(s, CallbackLastCaller, CallbackRefuse, 0)
}

// LastCall is the last call of a stranger that came through to A.
type LastCall struct {
	Call   ID     // whose record has his number; zero if he can't be called back
	Caller Number // zero if he hid his number, or it is one that we never call, or it is erased
	At     time.Time
}

func (s Strangers) withDefaults() Strangers {
	s.Withheld = cmp.Or(s.Withheld, WithheldConnect)
	s.Callback = cmp.Or(s.Callback, CallbackLastCaller)
	return s
}

// matches reports whether what was made is what is asked for: an extension that
// is not named is drawn.
func (s Strangers) matches(made Strangers) bool {
	if s.Extension.IsZero() {
		made.Extension = ExtensionNumber{}
	}
	return s == made
}

// validateStrangers wants nothing of a party B, and of strangers what the mode has.
func (d Draft) validateStrangers(owned func(Number) bool) error {
	s := d.Strangers
	switch {
	case len(d.B) > 0:
		return invalid("parties.b.numbers", "not_allowed", "in this mode only party a is named")
	case len(d.WishB.Prefer) > 0 || d.WishB.Strict:
		return invalid("parties.b.prefer", "not_allowed", "in this mode only party a is named")
	case d.PINB != PINWish{}:
		return invalid("parties.b.pin", "not_allowed", "in this mode only party a is named")
	case d.HoursB.Schedule != nil || len(d.HoursB.Duties) > 0:
		return invalid("parties.b.schedule", "not_allowed", "in this mode only party a is named")
	case d.HuntB != Hunt{}.WithDefaults(0):
		return invalid("parties.b.ring", "not_allowed", "in this mode only party a is named")
	case d.Numbering != NumberingShared:
		return invalid("numbering", "not_allowed", "in this mode there is one DID: leave it out, or shared")
	case d.Mode != ModeExtension && !s.Extension.IsZero():
		return invalid("parties.a.extension", "not_allowed", "only mode extension has one")
	case d.Mode != ModeOpen && s.Withheld != WithheldConnect:
		return invalid("withheld", "not_allowed", "only mode open can refuse callers who hide their numbers")
	}
	return s.validateCallback(append(slices.Clip(d.A), d.HuntA.Fallback), owned)
}

func (s Strangers) validateCallback(a []Number, owned func(Number) bool) error {
	const field = "callback_number"
	switch named := !s.Fallback.IsZero(); {
	case s.Callback != CallbackFallback && named:
		return invalid(field, "not_allowed", "only callback fallback has one")
	case s.Callback != CallbackFallback:
		return nil
	case !named:
		return invalid(field, "missing", "callback fallback needs the number that is reached")
	case owned(s.Fallback):
		return invalid(field, "own_did", "this is one of our own DIDs, not a party's number")
	case slices.Contains(a, s.Fallback):
		return invalid(field, "same_party", "this is a number of the party that calls")
	default:
		return nil
	}
}

// admits reports whether the caller reaches A for no other reason than that he
// calls A's DID.
func (i *Interaction) admits(did DID, caller Number) bool {
	return i.Mode == ModeOpen && did == i.A.DID && (!caller.IsZero() || i.Strangers.Withheld != WithheldRefuse)
}

// Reached returns whom a call of that side is for, in the order in which they
// are rung.
func (i *Interaction) Reached(caller Side) []Number {
	if caller != SideA || !i.Mode.OneSided() {
		return i.Party(caller.Other()).Numbers
	}
	back := Number{}
	switch i.Strangers.Callback {
	case CallbackLastCaller:
		back = i.LastCall.Caller
	case CallbackFallback:
		back = i.Strangers.Fallback
	}
	if back.IsZero() {
		return nil
	}
	return []Number{back}
}

// Called returns the interaction after a stranger's call came through to A, and
// whether that has changed it. The zero number is one that A can't call back:
// who called before him is the last caller no more.
func (i Interaction) Called(call ID, by Number, at time.Time) (Interaction, bool) {
	if !i.Mode.OneSided() || i.Strangers.Callback != CallbackLastCaller || !i.Holds(at) || !at.After(i.LastCall.At) {
		return i, false
	}
	i.LastCall = LastCall{Caller: by, At: at}
	if !by.IsZero() {
		i.LastCall.Call = call
	}
	return i, true
}

// Strange reports whether a call of the interaction is one of somebody who is no party
// of it: who called, or is called back, or has called from a number that is not known.
func (i *Interaction) Strange(c *CDR) bool {
	return i.Mode.OneSided() || !c.Caller.IsZero() && !slices.Contains(i.A.Known(), c.Caller) && !slices.Contains(i.B.Known(), c.Caller)
}
