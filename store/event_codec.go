package store

import (
	"encoding/binary"
	"time"

	"maskd/mapping"
)

// The fields of an event. Its tenant and number stand in the key of its row, and its
// id is made of the row's random bytes.
const (
	eventType byte = iota + 1
	eventAt        // milliseconds since 1970
	eventInteraction
	eventCall
	eventDID
	eventCallerSide
	eventOutcome
	eventEndedBy
	eventTalked // milliseconds
	eventUntil
	eventStanding
	eventPool
)

// eventRandom is how many random bytes a row begins with.
const eventRandom = 10

// appendEvent writes an event behind its length.
func appendEvent(b []byte, e *mapping.Event) []byte {
	var room [160]byte
	f := fields(room[:0])
	f = f.integer(eventType, uint64(e.Type))
	f = f.integer(eventAt, uint64(e.At.UnixMilli()))
	f = f.id(eventInteraction, e.Interaction)
	f = f.id(eventCall, e.Call)
	f = f.text(eventDID, string(e.DID))
	f = f.integer(eventCallerSide, uint64(e.CallerSide))
	f = f.integer(eventOutcome, uint64(e.Outcome))
	f = f.integer(eventEndedBy, uint64(e.EndedBy))
	f = f.integer(eventTalked, uint64(e.Talked.Milliseconds()))
	f = f.instant(eventUntil, e.Until)
	f = f.integer(eventStanding, uint64(e.Standing))
	f = f.text(eventPool, e.Pool)
	return append(binary.AppendUvarint(b, uint64(len(f))), f...)
}

func (f fields) id(tag byte, id mapping.ID) fields {
	if id.IsZero() {
		return f
	}
	return append(append(f, tag, byte(len(id))), id[:]...)
}

// decodeEvents reads the events of a row in clear, of which the first has the number.
func decodeEvents(t mapping.Tenant, first uint64, plain []byte) (events []mapping.Event, err error) {
	if len(plain) < eventRandom {
		return nil, errFields
	}
	random := [eventRandom]byte(plain)
	for plain = plain[eventRandom:]; len(plain) > 0; {
		length, n := binary.Uvarint(plain)
		if n <= 0 || length > uint64(len(plain)-n) {
			return nil, errFields
		}
		e := mapping.Event{Tenant: t, Seq: first + uint64(len(events))}
		if err := decodeEvent(&e, fields(plain[n:n+int(length)])); err != nil {
			return nil, err
		}
		e.ID = eventID(e.At, random, len(events))
		events = append(events, e)
		plain = plain[n+int(length):]
	}
	return events, nil
}

// eventID names the nth event of a row: unlike its number, the name is never that of
// another event, not even after an older copy of the store was put back.
func eventID(at time.Time, random [eventRandom]byte, n int) mapping.ID {
	low := random[eventRandom-4:]
	binary.BigEndian.PutUint32(low, binary.BigEndian.Uint32(low)+uint32(n))
	return mapping.NewID(at, random)
}

func decodeEvent(e *mapping.Event, f fields) error {
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setEvent(e, tag, v)
		}
		if err != nil {
			return err
		}
		f = rest
	}
	return nil
}

func setEvent(e *mapping.Event, tag byte, v value) (err error) {
	switch tag {
	case eventType:
		e.Type, err = enumOf[mapping.EventType](v)
	case eventAt:
		var ms uint64
		ms, err = v.integer()
		e.At = time.UnixMilli(int64(ms)).UTC()
	case eventInteraction:
		e.Interaction, err = v.id()
	case eventCall:
		e.Call, err = v.id()
	case eventDID:
		e.DID = mapping.DID(v)
	case eventCallerSide:
		e.CallerSide, err = enumOf[mapping.Side](v)
	case eventOutcome:
		e.Outcome, err = enumOf[mapping.Outcome](v)
	case eventEndedBy:
		e.EndedBy, err = enumOf[mapping.EndedBy](v)
	case eventTalked:
		var ms time.Duration
		ms, err = v.duration()
		e.Talked = ms * time.Millisecond
	case eventUntil:
		e.Until, err = v.instant()
	case eventStanding:
		e.Standing, err = enumOf[mapping.Standing](v)
	case eventPool:
		e.Pool = string(v)
	default:
		err = errFields
	}
	return err
}
