package store

import "maskd/mapping"

// slot stands for one key of a DID: what tells who a call to it is for. It has
// the DID's place among the lines, and 64 bits of the digest of the DID and the
// number or digits that are its caller's: two of a million keys of one DID are
// the same with probability 2^-25. The key of the digest is drawn at start, so
// nothing in memory can be matched with a number afterwards.
type slot [12]byte

// digested is how much of the digest a slot has; three bytes of the place and
// the kind follow.
const digested = 8

// slotKind is what the key is besides the DID.
type slotKind byte

const (
	ofCaller    slotKind = iota + 1 // a caller's number
	ofAnybody                       // nothing: whoever calls
	ofPIN                           // a PIN that was entered
	ofExtension                     // an extension that was keyed in
)

func newSlot(d digest, on *line, kind slotKind) (s slot) {
	copy(s[:digested], d[:])
	s[8], s[9], s[10], s[11] = byte(on.place>>16), byte(on.place>>8), byte(on.place), byte(kind)
	return s
}

// anybody returns the slot of who may call the DID whoever he is. There is one
// only, and nothing to digest: it is spread over the shards by its place.
func anybody(on *line) slot {
	s := newSlot(digest{}, on, ofAnybody)
	s[0] = byte(on.place)
	return s
}

func (s slot) place() uint32 { return uint32(s[8])<<16 | uint32(s[9])<<8 | uint32(s[10]) }

func (s slot) kind() slotKind { return slotKind(s[11]) }

// as returns the slot of the same digits as what they are otherwise.
func (s slot) as(kind slotKind) slot {
	s[11] = byte(kind)
	return s
}

// leads reports whether a slot is the first of its interaction on its DID: by
// these, interactions are counted on each DID.
func leads(slots []slot, n int) bool {
	for _, before := range slots[:n] {
		if before.place() == slots[n].place() {
			return false
		}
	}
	return true
}

// slot returns the slot of a (DID, caller) key.
func (a *allocator) slot(did mapping.DID, caller mapping.Number) slot {
	return newSlot(a.slots.number(string(did), caller), a.lines.find(did), ofCaller)
}

// writtenSlot returns the same of what a record has.
func (a *allocator) writtenSlot(did, caller value) slot {
	return newSlot(a.slots.written(did, caller), a.lines.find(mapping.DID(did)), ofCaller)
}

// slotsOf returns the slots of an interaction: one for each number and PIN of
// each party, the numbers first, and one for strangers.
func (a *allocator) slotsOf(i *mapping.Interaction) []slot {
	slots := make([]slot, 0, len(i.A.Numbers)+len(i.B.Numbers)+1)
	for _, party := range []mapping.Party{i.A, i.B} {
		on := a.lines.meet(party.DID)
		for _, n := range party.Numbers {
			slots = append(slots, newSlot(a.slots.number(string(party.DID), n), on, ofCaller))
		}
	}
	for _, party := range []mapping.Party{i.A, i.B} {
		if !party.PIN.IsZero() {
			slots = append(slots, a.typedSlot(party.DID, pinDigits(party.PIN), ofPIN))
		}
	}
	switch i.Mode {
	case mapping.ModeOpen:
		slots = append(slots, anybody(a.lines.meet(i.A.DID)))
	case mapping.ModeExtension:
		slots = append(slots, a.typedSlot(i.A.DID, []byte(i.Strangers.Extension.Digits()), ofExtension))
	}
	return slots
}

// typedMark keeps what is typed and numbers apart: these begin with a plus.
const typedMark = '#'

// typedSlot returns the slot of a DID and digits that a caller enters. As no two
// live interactions share one, these tell who calls where his number does not.
func (a *allocator) typedSlot(did mapping.DID, digits []byte, kind slotKind) slot {
	key := append(append(make([]byte, 0, 1+mapping.MaxPIN), typedMark), digits...)
	defer clear(key)
	return newSlot(a.slots.written(value(did), value(key)), a.lines.find(did), kind)
}

// typedIsFree reports whether a party may be given the DID with those digits,
// be they a PIN or an extension. Who knows an extension may call again, so that it
// rests as a DID does; a PIN nobody redials.
func (s *search) typedIsFree(did mapping.DID, digits []byte) bool {
	if len(digits) == 0 {
		return true
	}
	typed := s.alloc.typedSlot(did, digits, ofPIN)
	return s.alloc.index.free(typed, s.at, 0) && s.alloc.index.free(typed.as(ofExtension), s.at, s.coolDown)
}
