package store

import "maskd/mapping"

// The fields of a call detail record. The call's id is the key it is kept
// under, and the interaction's stands before the sealed record: neither is
// repeated.
const (
	cdrCallerSide byte = iota + 1
	cdrCaller
	cdrTarget
	cdrDID
	cdrShown
	cdrTrunkIn
	cdrTrunkOut
	cdrAdmittedAt
	cdrAnsweredAt
	cdrEndedAt
	cdrOutcome
	cdrRefusal
	cdrEndedBy
	cdrStatus
)

// The fields of calls that were to be recorded.
const (
	cdrRecord byte = iota + 112
	cdrRecorded
	cdrConsentA
	cdrConsentB
)

// cdrTenant is left out of what is the default tenant's.
const cdrTenant byte = 96

// The fields of calls that ring more than one number, or one that the caller's
// interaction did not name. Records without them are as they were before.
const (
	cdrTried byte = iota + 72 // left out if it is one
	cdrRedirected
)

// cdrDiverted is of a call that rang the fallback of a party.
const cdrDiverted byte = 116

// cdrDoubted is of a call whose trunk showed too little for the caller's number.
const cdrDoubted byte = 88

// cdrOriginated is of a call that we began.
const cdrOriginated byte = 128

// cdrInteraction is of a stranger's call: it has no interaction before the record.
const cdrInteraction byte = 124

// appendCDR appends the record of a call, in clear.
func appendCDR(f fields, c *mapping.CDR) fields {
	f = f.tenant(cdrTenant, c.Tenant)
	f = f.integer(cdrCallerSide, uint64(c.CallerSide))
	f = f.number(cdrCaller, c.Caller)
	f = f.number(cdrTarget, c.Target)
	f = f.text(cdrDID, string(c.DID))
	f = f.text(cdrShown, string(c.Shown))
	f = f.text(cdrTrunkIn, c.TrunkIn)
	f = f.text(cdrTrunkOut, c.TrunkOut)
	f = f.instant(cdrAdmittedAt, c.AdmittedAt)
	f = f.instant(cdrAnsweredAt, c.AnsweredAt)
	f = f.instant(cdrEndedAt, c.EndedAt)
	f = f.integer(cdrOutcome, uint64(c.Outcome))
	f = f.integer(cdrRefusal, uint64(c.Refusal))
	f = f.integer(cdrEndedBy, uint64(c.EndedBy))
	f = f.integer(cdrStatus, uint64(c.Status))
	f = f.flag(cdrDoubted, c.Doubted)
	f = f.flag(cdrOriginated, c.Originated)
	f = f.integer(cdrRecord, uint64(c.Record))
	f = f.flag(cdrRecorded, c.Recorded)
	f = f.integer(cdrConsentA, uint64(c.ConsentA))
	f = f.integer(cdrConsentB, uint64(c.ConsentB))
	if c.Tried != 1 && !c.Target.IsZero() {
		f = f.varint(cdrTried, uint64(c.Tried))
	}
	f = f.integer(cdrDiverted, uint64(c.Diverted))
	return f.flag(cdrRedirected, c.Redirected)
}

// decodeCDR reads a record in clear. It fails on any field that it does not know.
func decodeCDR(call, interaction mapping.ID, f fields) (mapping.CDR, error) {
	c := mapping.CDR{Call: call, Tenant: mapping.DefaultTenant, Interaction: interaction, Tried: 1}
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setCDR(&c, tag, v)
		}
		if err != nil {
			return mapping.CDR{}, err
		}
		f = rest
	}
	if c.Target.IsZero() {
		c.Tried = 0
	}
	return c, nil
}

func setCDR(c *mapping.CDR, tag byte, v value) (err error) {
	switch tag {
	case cdrCallerSide:
		c.CallerSide, err = enumOf[mapping.Side](v)
	case cdrCaller:
		c.Caller, err = v.number()
	case cdrTarget:
		c.Target, err = v.number()
	case cdrDID:
		c.DID = mapping.DID(v)
	case cdrShown:
		c.Shown = mapping.DID(v)
	case cdrTrunkIn:
		c.TrunkIn = string(v)
	case cdrTrunkOut:
		c.TrunkOut = string(v)
	case cdrAdmittedAt:
		c.AdmittedAt, err = v.instant()
	case cdrAnsweredAt:
		c.AnsweredAt, err = v.instant()
	case cdrEndedAt:
		c.EndedAt, err = v.instant()
	case cdrOutcome:
		c.Outcome, err = enumOf[mapping.Outcome](v)
	case cdrRefusal:
		c.Refusal, err = enumOf[mapping.Refusal](v)
	case cdrEndedBy:
		c.EndedBy, err = enumOf[mapping.EndedBy](v)
	case cdrTenant:
		c.Tenant, err = v.tenant()
	case cdrStatus:
		c.Status, err = v.small()
	case cdrTried:
		c.Tried, err = v.small()
	case cdrRedirected:
		c.Redirected, err = v.flag()
	case cdrDiverted:
		c.Diverted, err = enumOf[mapping.Diversion](v)
	case cdrDoubted:
		c.Doubted, err = v.flag()
	case cdrOriginated:
		c.Originated, err = v.flag()
	case cdrInteraction:
		c.Interaction, err = v.id()
	default:
		err = setCDRConsent(c, tag, v)
	}
	return err
}

func setCDRConsent(c *mapping.CDR, tag byte, v value) (err error) {
	switch tag {
	case cdrRecord:
		c.Record, err = enumOf[mapping.Recording](v)
	case cdrRecorded:
		c.Recorded, err = v.flag()
	case cdrConsentA:
		c.ConsentA, err = enumOf[mapping.Answer](v)
	case cdrConsentB:
		c.ConsentB, err = enumOf[mapping.Answer](v)
	default:
		err = errFields
	}
	return err
}
