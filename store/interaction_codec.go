package store

import (
	"maps"
	"slices"

	"maskd/mapping"
)

// The fields of an interaction's record. Its id is the key that it is kept
// under and is not repeated.
const (
	interactionExternalID byte = iota + 1
	interactionMode
	interactionNumbering
	interactionPool
	interactionNumberA // one for each number
	interactionDIDA
	interactionNumberB // one for each number
	interactionDIDB
	interactionLabel // one for each label
	interactionCreatedAt
	interactionExpiresAt
	interactionCompletedAt
	interactionReason
	interactionSticky  // left out if off; from here on schema 2
	interactionPreferA // one for each preference
	interactionStrictA
	interactionPreferB // one for each preference
	interactionStrictB
	interactionTTL // left out if it is what lies between beginning and expiry
	interactionDirection
	interactionStartsAt
	interactionExpiry
	interactionMaxTTL
	interactionCallback
	interactionCompleteAfter
	interactionCallbackUntil
	interactionCalls
)

// The fields of parties that have PINs. Records without them are as they were
// before there were any.
const (
	interactionPINA byte = iota + 64
	interactionPINB
)

// The fields of interactions whose calls are recorded.
const (
	interactionRecord byte = iota + 112
)

// interactionTenant is left out of what is the default tenant's, as all was before
// there were others.
const interactionTenant byte = 96

// The fields of parties who are spoken to in a locale.
const (
	interactionLocaleA byte = iota + 136
	interactionLocaleB
)

// interactionHeld is the field of those under a legal hold. Before schema 4 all were
// the house's.
const interactionHeld byte = 120

// recordRoom holds the record of an ordinary interaction, in clear: two
// numbers, two DIDs and a few words.
const recordRoom = 256

// encodeInteraction returns the record of an interaction, in clear.
func encodeInteraction(i *mapping.Interaction) []byte {
	return appendInteraction(make([]byte, 0, recordRoom), i)
}

// appendInteraction appends the record of an interaction, in clear.
func appendInteraction(b []byte, i *mapping.Interaction) []byte {
	f := fields(b).text(interactionExternalID, i.ExternalID)
	f = f.integer(interactionMode, uint64(i.Mode))
	f = f.integer(interactionNumbering, uint64(i.Numbering))
	f = f.text(interactionPool, i.Pool)
	for _, n := range i.A.Numbers {
		f = f.number(interactionNumberA, n)
	}
	f = f.text(interactionDIDA, string(i.A.DID))
	for _, n := range i.B.Numbers {
		f = f.number(interactionNumberB, n)
	}
	f = f.text(interactionDIDB, string(i.B.DID))
	f = f.labels(i.Labels)
	f = f.instant(interactionCreatedAt, i.CreatedAt)
	f = f.instant(interactionExpiresAt, i.ExpiresAt)
	f = f.instant(interactionCompletedAt, i.CompletedAt)
	f = f.text(interactionReason, i.Reason)
	f = f.hunts(i)
	f = f.pin(interactionPINA, i.A.PIN)
	f = f.pin(interactionPINB, i.B.PIN)
	if i.Sticky > mapping.StickyOff {
		f = f.integer(interactionSticky, uint64(i.Sticky))
	}
	f = f.integer(interactionHeld, uint64(i.Held))
	f = f.text(interactionLocaleA, string(i.A.Locale))
	f = f.text(interactionLocaleB, string(i.B.Locale))
	if i.Record > mapping.RecordingOff {
		f = f.integer(interactionRecord, uint64(i.Record))
	}
	f = f.tenant(interactionTenant, i.Tenant)
	f = f.wish(interactionPreferA, interactionStrictA, i.A.Wish)
	f = f.wish(interactionPreferB, interactionStrictB, i.B.Wish)
	f = f.hours(interactionScheduleA, interactionDutyA, i.A.Hours)
	f = f.hours(interactionScheduleB, interactionDutyB, i.B.Hours)
	f = f.flag(interactionHook, i.Hook)
	return f.limits(i).life(i).strangers(i)
}

// labels are written in the order of their keys: a record is the same each time.
func (f fields) labels(labels map[string]string) fields {
	if len(labels) == 0 {
		return f
	}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		f = f.pair(interactionLabel, key, labels[key])
	}
	return f
}

// life writes what is not as it is for most.
func (f fields) life(i *mapping.Interaction) fields {
	if i.TTL != i.ExpiresAt.Sub(i.Begins()) {
		f = f.integer(interactionTTL, uint64(i.TTL))
	}
	if i.Direction > mapping.DirectionBoth {
		f = f.integer(interactionDirection, uint64(i.Direction))
	}
	f = f.instant(interactionStartsAt, i.Life.StartsAt)
	if i.Life.Expiry > mapping.ExpiryFixed {
		f = f.integer(interactionExpiry, uint64(i.Life.Expiry))
	}
	f = f.integer(interactionMaxTTL, uint64(i.Life.MaxTTL))
	f = f.integer(interactionCallback, uint64(i.Life.Callback))
	f = f.integer(interactionCompleteAfter, uint64(i.Life.CompleteAfter))
	f = f.instant(interactionCallbackUntil, i.CallbackUntil)
	return f.integer(interactionCalls, uint64(i.Calls.All))
}

func (f fields) wish(prefer, strict byte, w mapping.Wish) fields {
	for _, p := range w.Prefer {
		f = f.text(prefer, string(p))
	}
	return f.flag(strict, w.Strict)
}

// decodeInteraction reads a record in clear. It fails on any field that it
// does not know; those that it does not find have their defaults.
func decodeInteraction(id mapping.ID, f fields) (mapping.Interaction, error) {
	i := mapping.Interaction{ID: id, Tenant: mapping.DefaultTenant}
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setInteraction(&i, tag, v)
		}
		if err != nil {
			return mapping.Interaction{}, err
		}
		f = rest
	}
	i.Sticky, i.Direction = max(i.Sticky, mapping.StickyOff), max(i.Direction, mapping.DirectionBoth)
	i.Life.Expiry, i.Record = max(i.Life.Expiry, mapping.ExpiryFixed), max(i.Record, mapping.RecordingOff)
	i.Limits.Warned = max(i.Limits.Warned, mapping.AudienceBoth)
	i.A.Hunt = i.A.Hunt.WithDefaults(len(i.A.Numbers))
	i.B.Hunt = i.B.Hunt.WithDefaults(len(i.B.Numbers))
	if i.TTL == 0 {
		i.TTL = i.ExpiresAt.Sub(i.Begins())
	}
	return i, nil
}

func setInteraction(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionExternalID:
		i.ExternalID = string(v)
	case interactionMode:
		i.Mode, err = enumOf[mapping.Mode](v)
	case interactionNumbering:
		i.Numbering, err = enumOf[mapping.Numbering](v)
	case interactionPool:
		i.Pool = string(v)
	case interactionNumberA:
		err = addNumber(&i.A, v)
	case interactionDIDA:
		i.A.DID = mapping.DID(v)
	case interactionNumberB:
		err = addNumber(&i.B, v)
	case interactionDIDB:
		i.B.DID = mapping.DID(v)
	case interactionLabel:
		err = addLabel(i, v)
	case interactionCreatedAt:
		i.CreatedAt, err = v.instant()
	case interactionExpiresAt:
		i.ExpiresAt, err = v.instant()
	case interactionCompletedAt:
		i.CompletedAt, err = v.instant()
	case interactionReason:
		i.Reason = string(v)
	case interactionTenant:
		i.Tenant, err = v.tenant()
	case interactionPINA:
		i.A.PIN, err = v.pin()
	case interactionPINB:
		i.B.PIN, err = v.pin()
	case interactionSticky:
		i.Sticky, err = enumOf[mapping.Sticky](v)
	case interactionHeld:
		i.Held, err = v.hold()
	case interactionRecord:
		i.Record, err = enumOf[mapping.Recording](v)
	case interactionLocaleA:
		i.A.Locale, err = v.locale()
	case interactionLocaleB:
		i.B.Locale, err = v.locale()
	case interactionPreferA:
		err = addPreference(&i.A, v)
	case interactionStrictA:
		i.A.Wish.Strict, err = v.flag()
	case interactionPreferB:
		err = addPreference(&i.B, v)
	case interactionStrictB:
		i.B.Wish.Strict, err = v.flag()
	case interactionScheduleA, interactionScheduleB, interactionDutyA, interactionDutyB, interactionHook:
		err = setHours(i, tag, v)
	default:
		err = setHunts(i, tag, v)
	}
	return err
}

func setLife(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionTTL:
		i.TTL, err = v.duration()
	case interactionDirection:
		i.Direction, err = enumOf[mapping.Direction](v)
	case interactionStartsAt:
		i.Life.StartsAt, err = v.instant()
	case interactionExpiry:
		i.Life.Expiry, err = enumOf[mapping.Expiry](v)
	case interactionMaxTTL:
		i.Life.MaxTTL, err = v.duration()
	case interactionCallback:
		i.Life.Callback, err = v.duration()
	case interactionCompleteAfter:
		i.Life.CompleteAfter, err = v.small()
	case interactionCallbackUntil:
		i.CallbackUntil, err = v.instant()
	case interactionCalls:
		i.Calls.All, err = v.small()
	default:
		err = setLimits(i, tag, v)
	}
	return err
}

func addNumber(p *mapping.Party, v value) (err error) {
	if p.Numbers, err = mapping.AppendNumber(p.Numbers, v); err != nil {
		return errFields
	}
	return nil
}

func addPreference(p *mapping.Party, v value) error {
	if len(v) == 0 {
		return errFields
	}
	p.Wish.Prefer = append(p.Wish.Prefer, mapping.Preference(v))
	return nil
}

func addLabel(i *mapping.Interaction, v value) error {
	key, val, err := v.pair()
	if err != nil {
		return err
	}
	if i.Labels == nil {
		i.Labels = make(map[string]string)
	}
	i.Labels[key] = val
	return nil
}

func (v value) hold() (mapping.LegalHold, error) {
	bits, err := v.integer()
	if held := mapping.LegalHold(bits); err == nil && (bits > 255 || !held.Valid()) {
		return 0, errFields
	}
	return mapping.LegalHold(bits), err
}
