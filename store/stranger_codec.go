package store

import "maskd/mapping"

// The fields of interactions of one party, and of how late a DID came back.
const (
	interactionExtension byte = iota + 88
	interactionWithheld
	interactionCallbackTo
	interactionFallback
	interactionLastCaller
	interactionLastCallAt
	interactionReuseA
	interactionReuseB
)

// interactionLastCall is the call whose record has the last caller. Before schema 4 his
// number was here: such records keep it until somebody else calls.
const interactionLastCall byte = 140

// strangers writes what is for callers who are no party, and what little is
// known of how late the DIDs came back.
func (f fields) strangers(i *mapping.Interaction) fields {
	f = f.text(interactionExtension, i.Strangers.Extension.Digits())
	f = f.integer(interactionWithheld, uint64(i.Strangers.Withheld))
	f = f.integer(interactionCallbackTo, uint64(i.Strangers.Callback))
	f = f.number(interactionFallback, i.Strangers.Fallback)
	if call := i.LastCall.Call; !call.IsZero() {
		f = f.text(interactionLastCall, string(call[:]))
	} else {
		f = f.number(interactionLastCaller, i.LastCall.Caller)
	}
	f = f.instant(interactionLastCallAt, i.LastCall.At)
	f = f.integer(interactionReuseA, uint64(i.A.ReuseAge))
	return f.integer(interactionReuseB, uint64(i.B.ReuseAge))
}

func setStrangers(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionExtension:
		i.Strangers.Extension, err = v.extension()
	case interactionWithheld:
		i.Strangers.Withheld, err = enumOf[mapping.Withheld](v)
	case interactionCallbackTo:
		i.Strangers.Callback, err = enumOf[mapping.Callback](v)
	case interactionFallback:
		i.Strangers.Fallback, err = v.number()
	case interactionLastCaller:
		i.LastCall.Caller, err = v.number()
	case interactionLastCall:
		i.LastCall.Call, err = v.id()
	case interactionLastCallAt:
		i.LastCall.At, err = v.instant()
	case interactionReuseA:
		i.A.ReuseAge, err = v.duration()
	case interactionReuseB:
		i.B.ReuseAge, err = v.duration()
	default:
		err = errFields
	}
	return err
}
