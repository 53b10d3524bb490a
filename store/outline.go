package store

import "maskd/mapping"

// outline is what a start needs of an interaction's record, and a call that has found
// it. Its values lie in the record and live as long: no number is made of them, unless
// somebody asks who the parties are.
type outline struct {
	interaction mapping.Interaction // its id, mode, life, stickiness and numbers of calls only
	pool        value
	tenant      value // empty: the default tenant
	a, b        outlinedParty
	extension   value
}

type outlinedParty struct {
	did      value
	numbers  []value
	fallback value
	pin      value
}

// read reads a record in clear, over what was read before. Like
// [decodeInteraction] it fails on any field that it does not know.
func (o *outline) read(id mapping.ID, f fields) error {
	a, b := o.interaction.A.Numbers[:0], o.interaction.B.Numbers[:0]
	o.interaction, o.pool, o.tenant, o.extension = mapping.Interaction{ID: id}, nil, nil, nil
	o.interaction.A.Numbers, o.interaction.B.Numbers = a, b
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
	case interactionStartsAt:
		o.interaction.Life.StartsAt, err = v.instant()
	case interactionCallbackUntil:
		o.interaction.CallbackUntil, err = v.instant()
	case interactionSticky:
		o.interaction.Sticky, err = enumOf[mapping.Sticky](v)
	case interactionMode:
		o.interaction.Mode, err = enumOf[mapping.Mode](v)
	case interactionExpiry:
		o.interaction.Life.Expiry, err = enumOf[mapping.Expiry](v)
	case interactionCompleteAfter:
		o.interaction.Life.CompleteAfter, err = v.small()
	case interactionMaxCalls:
		o.interaction.Limits.Calls, err = v.small()
	case interactionMaxCallsA:
		o.interaction.A.Limits.Calls, err = v.small()
	case interactionMaxCallsB:
		o.interaction.B.Limits.Calls, err = v.small()
	case interactionFallbackA:
		o.a.fallback = v
	case interactionFallbackB:
		o.b.fallback = v
	case interactionExtension:
		o.extension = v
	case interactionLastCallAt:
		_, err = v.instant()
	case interactionNumbering, interactionStrictA, interactionStrictB, interactionTTL, interactionDirection,
		interactionMaxTTL, interactionCallback, interactionCalls,
		interactionCallTime, interactionWarn, interactionWarned, interactionAtOnce, interactionQuietA, interactionQuietB,
		interactionCallTimeA, interactionCallTimeB, interactionCallsA, interactionCallsB,
		interactionRecord, interactionHook, interactionHeld, interactionWithheld, interactionCallbackTo, interactionReuseA, interactionReuseB,
		interactionRingA, interactionRingB, interactionRingTimeA, interactionRingTimeB:
		_, err = v.integer()
	case interactionLabel, interactionExternalID, interactionReason, interactionPreferA, interactionPreferB,
		interactionScheduleA, interactionScheduleB, interactionDutyA, interactionDutyB, interactionFallback, interactionLastCaller, interactionLastCall,
		interactionLocaleA, interactionLocaleB:
	default:
		err = errFields
	}
	return err
}

// identify makes the numbers of the parties, where those of the record before were.
func (o *outline) identify() error {
	if err := o.a.identify(&o.interaction.A); err != nil {
		return err
	}
	return o.b.identify(&o.interaction.B)
}

func (p *outlinedParty) identify(as *mapping.Party) (err error) {
	as.Numbers = as.Numbers[:0]
	for _, n := range p.numbers {
		if err = addNumber(as, n); err != nil {
			return err
		}
	}
	if len(p.fallback) > 0 {
		as.Hunt.Fallback, err = p.fallback.number()
	}
	return err
}
