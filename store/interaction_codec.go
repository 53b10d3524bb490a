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
)

// recordRoom holds the record of an ordinary interaction, in clear: two
// numbers, two DIDs and a few words.
const recordRoom = 256

// encodeInteraction returns the record of an interaction, in clear.
func encodeInteraction(i *mapping.Interaction) []byte {
	f := make(fields, 0, recordRoom)
	f = f.text(interactionExternalID, i.ExternalID)
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
	for _, key := range slices.Sorted(maps.Keys(i.Labels)) {
		f = f.pair(interactionLabel, key, i.Labels[key])
	}
	f = f.instant(interactionCreatedAt, i.CreatedAt)
	f = f.instant(interactionExpiresAt, i.ExpiresAt)
	f = f.instant(interactionCompletedAt, i.CompletedAt)
	f = f.text(interactionReason, i.Reason)
	if i.Sticky > mapping.StickyOff {
		f = f.integer(interactionSticky, uint64(i.Sticky))
	}
	f = f.wish(interactionPreferA, interactionStrictA, i.A.Wish)
	return f.wish(interactionPreferB, interactionStrictB, i.B.Wish)
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
	i := mapping.Interaction{ID: id, Sticky: mapping.StickyOff}
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
	case interactionSticky:
		i.Sticky, err = enumOf[mapping.Sticky](v)
	case interactionPreferA:
		i.A.Wish.Prefer = append(i.A.Wish.Prefer, mapping.Preference(v))
	case interactionStrictA:
		i.A.Wish.Strict, err = v.flag()
	case interactionPreferB:
		i.B.Wish.Prefer = append(i.B.Wish.Prefer, mapping.Preference(v))
	case interactionStrictB:
		i.B.Wish.Strict, err = v.flag()
	default:
		err = errFields
	}
	return err
}

func addNumber(p *mapping.Party, v value) error {
	n, err := v.number()
	if err != nil {
		return err
	}
	p.Numbers = append(p.Numbers, n)
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
