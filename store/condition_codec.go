package store

import "maskd/mapping"

// The fields of a DID's condition. A DID is not secret: they are not sealed.
const (
	conditionStanding byte = iota + 1
	conditionSince
	conditionUntil
	conditionReason
	conditionAddedAt
)

func encodeCondition(c mapping.Condition) []byte {
	f := fields{}.integer(conditionStanding, uint64(c.Standing))
	f = f.instant(conditionSince, c.Since)
	f = f.instant(conditionUntil, c.Until)
	f = f.text(conditionReason, c.Reason)
	return f.instant(conditionAddedAt, c.AddedAt)
}

func decodeCondition(f fields) (c mapping.Condition, err error) {
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setCondition(&c, tag, v)
		}
		if err != nil {
			return mapping.Condition{}, err
		}
		f = rest
	}
	return c, nil
}

func setCondition(c *mapping.Condition, tag byte, v value) (err error) {
	switch tag {
	case conditionStanding:
		c.Standing, err = enumOf[mapping.Standing](v)
	case conditionSince:
		c.Since, err = v.instant()
	case conditionUntil:
		c.Until, err = v.instant()
	case conditionReason:
		c.Reason = string(v)
	case conditionAddedAt:
		c.AddedAt, err = v.instant()
	default:
		err = errFields
	}
	return err
}
