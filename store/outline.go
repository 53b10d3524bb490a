package store

import "maskd/mapping"

// outline is what a start needs of an interaction's record. Its values lie in
// the record and live as long: no number is made of them.
type outline struct {
	interaction mapping.Interaction // its id, mode, life and stickiness only
	pool        value
	tenant      value // empty: the default tenant
	a, b        outlinedParty
	extension   value
}

type outlinedParty struct {
	did     value
	numbers []value
	pin     value
}

// read reads a record in clear, over what was read before. Like
// [decodeInteraction] it fails on any field that it does not know.
func (o *outline) read(id mapping.ID, f fields) error {
	o.interaction, o.pool, o.tenant, o.extension = mapping.Interaction{ID: id}, nil, nil, nil
	o.a = outlinedParty{numbers: o.a.numbers[:0]}
	o.b = outlinedParty{numbers: o.b.numbers[:0]}
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = o.set(tag, v)
		}
		if err != nil {
			return err
		}
		f = rest
	}
	return nil
}

func (o *outline) set(tag byte, v value) (err error) {
	switch tag {
	case interactionPool:
		o.pool = v
	case interactionTenant:
		_, err = v.tenant()
		o.tenant = v
	case interactionNumberA:
		o.a.numbers = append(o.a.numbers, v)
	case interactionDIDA:
		o.a.did = v
	case interactionPINA:
		o.a.pin = v
	case interactionPINB:
		o.b.pin = v
	case interactionNumberB:
		o.b.numbers = append(o.b.numbers, v)
	case interactionDIDB:
		o.b.did = v
	case interactionExpiresAt:
		o.interaction.ExpiresAt, err = v.instant()
	case interactionCompletedAt:
		o.interaction.CompletedAt, err = v.instant()
	case interactionCreatedAt:
		_, err = v.instant()
	case interactionCallbackUntil:
		o.interaction.CallbackUntil, err = v.instant()
	case interactionSticky:
		o.interaction.Sticky, err = enumOf[mapping.Sticky](v)
	case interactionMode:
		o.interaction.Mode, err = enumOf[mapping.Mode](v)
	case interactionExtension:
		o.extension = v
	case interactionLastCallAt:
		_, err = v.instant()
	case interactionNumbering, interactionStrictA, interactionStrictB, interactionTTL, interactionDirection,
		interactionStartsAt, interactionExpiry, interactionMaxTTL, interactionCallback, interactionCompleteAfter, interactionCalls,
		interactionCallTime, interactionWarn, interactionWarned, interactionAtOnce, interactionMaxCalls, interactionQuietA, interactionQuietB,
		interactionCallTimeA, interactionCallTimeB, interactionMaxCallsA, interactionMaxCallsB, interactionCallsA, interactionCallsB,
		interactionRecord, interactionHook, interactionHeld, interactionWithheld, interactionCallbackTo, interactionReuseA, interactionReuseB,
		interactionRingA, interactionRingB, interactionRingTimeA, interactionRingTimeB:
		_, err = v.integer()
	case interactionLabel, interactionExternalID, interactionReason, interactionPreferA, interactionPreferB,
		interactionScheduleA, interactionScheduleB, interactionDutyA, interactionDutyB, interactionFallback, interactionLastCaller, interactionLastCall,
		interactionFallbackA, interactionFallbackB, interactionLocaleA, interactionLocaleB:
	default:
		err = errFields
	}
	return err
}
